package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const answerLimit = 60 * time.Second

// httpCaller is one keep-alive connection. It reads only the parts of HTTP that it needs: net/http costs several times as much.
type httpCaller struct {
	plan   *Plan
	conn   net.Conn
	reader *bufio.Reader
	buffer []byte
}

type httpRequest struct {
	head, body *Template
}

// prepare makes the text of a request, without the length of its body.
func (caller *httpCaller) prepare(step *Step, variables Variables) (any, error) {
	lines := append([]string{step.Method + " " + step.Path + " HTTP/1.1", "Host: " + caller.plan.Address}, caller.plan.Headers...)
	if step.Body != "" {
		lines = append(lines, "Content-Type: application/json")
	}
	head, err := variables.template(strings.Join(lines, "\r\n"))
	if err != nil {
		return nil, err
	}
	body, err := variables.template(step.Body)
	return &httpRequest{head, body}, err
}

// call sends a request in one write and returns status and body. The body is valid until the next call.
func (caller *httpCaller) call(prepared any, values []string) (int, []byte, error) {
	if caller.conn == nil {
		if err := caller.connect(); err != nil {
			return 0, nil, err
		}
	}
	request := prepared.(*httpRequest)
	caller.buffer = request.head.appendTo(caller.buffer[:0], values)
	body := request.body.appendTo(nil, values)
	if len(body) > 0 {
		caller.buffer = append(caller.buffer, "\r\nContent-Length: "...)
		caller.buffer = strconv.AppendInt(caller.buffer, int64(len(body)), 10)
	}
	caller.buffer = append(append(caller.buffer, "\r\n\r\n"...), body...)
	_ = caller.conn.SetDeadline(time.Now().Add(answerLimit))
	_, err := caller.conn.Write(caller.buffer)
	var status int
	var answer []byte
	var closes bool
	if err == nil {
		status, answer, closes, err = caller.read()
	}
	if err != nil || closes {
		_ = caller.conn.Close()
		caller.conn = nil
	}
	return status, answer, err
}

func (caller *httpCaller) connect() error {
	conn, err := net.DialTimeout("tcp", caller.plan.Address, answerLimit)
	if err == nil && caller.plan.TLS {
		name, _, _ := net.SplitHostPort(caller.plan.Address)
		conn = tls.Client(conn, &tls.Config{ServerName: name})
	}
	caller.conn = conn
	if err == nil {
		caller.reader = bufio.NewReaderSize(conn, 1<<16)
	}
	return err
}

func (caller *httpCaller) read() (status int, body []byte, closes bool, err error) {
	line, err := caller.line()
	if err != nil {
		return 0, nil, true, err
	}
	if len(line) < 12 {
		return 0, nil, true, fmt.Errorf("no HTTP: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, true, fmt.Errorf("no HTTP status: %q", line)
	}
	length, chunked := 0, false
	for {
		if line, err = caller.line(); err != nil || len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			length, err = strconv.Atoi(string(value))
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			closes = bytes.EqualFold(value, []byte("close"))
		}
		if err != nil {
			return status, nil, true, err
		}
	}
	if err == nil && chunked {
		body, err = caller.chunks()
	} else if err == nil {
		body = make([]byte, length)
		_, err = io.ReadFull(caller.reader, body)
	}
	return status, body, closes, err
}

func (caller *httpCaller) line() ([]byte, error) {
	line, err := caller.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func (caller *httpCaller) chunks() ([]byte, error) {
	var body []byte
	for {
		line, err := caller.line()
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return nil, errors.New("a chunk without a size")
		}
		start := len(body)
		body = append(body, make([]byte, size)...)
		if _, err := io.ReadFull(caller.reader, body[start:]); err != nil {
			return nil, err
		}
		if line, err = caller.line(); err != nil || len(line) != 0 {
			return nil, errors.Join(err, errors.New("a chunk without an end"))
		}
		if size == 0 {
			return body, nil
		}
	}
}
