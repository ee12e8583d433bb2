package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

const service = "/ml_metadata.MetadataStoreService/"

// grpcCaller makes unary gRPC calls. All callers share one HTTP/2 connection, as the calls of a Go proxy do.
type grpcCaller struct {
	address   string
	transport *http.Transport
	buffer    []byte
}

type grpcRequest struct {
	url     *url.URL
	writers []writer
}

var grpcHeader = http.Header{
	"Content-Type": {"application/grpc"},
	"Te":           {"trailers"},
	"User-Agent":   {"model-registry-benchmark"},
}

func newTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: protocols, DisableCompression: true}
}

// prepare makes the message, without the values of its variables.
func (caller *grpcCaller) prepare(step *Step, variables Variables) (any, error) {
	writers, err := variables.writers(step.Message)
	return &grpcRequest{&url.URL{Scheme: "http", Host: caller.address, Path: service + step.Method}, writers}, err
}

// call returns gRPC's status number and the response message.
func (caller *grpcCaller) call(prepared any, values []string) (int, []byte, error) {
	request := prepared.(*grpcRequest)
	buffer, err := appendAll(append(caller.buffer[:0], 0, 0, 0, 0, 0), request.writers, values)
	if err != nil {
		return 0, nil, err
	}
	binary.BigEndian.PutUint32(buffer[1:], uint32(len(buffer)-5))
	caller.buffer = buffer
	limited, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	call := &http.Request{
		Method: http.MethodPost, URL: request.url, Header: grpcHeader, Host: caller.address,
		Body: io.NopCloser(bytes.NewReader(buffer)), ContentLength: int64(len(buffer)),
	}
	answer, err := caller.transport.RoundTrip(call.WithContext(limited))
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, err
	}
	return outcome(answer, body)
}

func outcome(answer *http.Response, body []byte) (int, []byte, error) {
	statuses := answer.Trailer // or, when there is no message, the header
	if statuses.Get("Grpc-Status") == "" {
		statuses = answer.Header
	}
	status, err := strconv.Atoi(statuses.Get("Grpc-Status"))
	if err != nil {
		return 0, nil, fmt.Errorf("no gRPC: HTTP status %d", answer.StatusCode)
	}
	if status != 0 {
		return status, []byte(statuses.Get("Grpc-Message")), nil
	}
	if len(body) < 5 {
		return 0, nil, errBroken
	}
	return 0, body[5:], nil
}
