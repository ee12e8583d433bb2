// Command load is the benchmark's load generator: it plays a flow of steps, each one HTTP request or one gRPC call, on a
// number of connections for some seconds, and reports how fast that went.
//
// It reads one Plan as JSON from standard input and writes one Report as JSON to standard output. It contains nothing
// about models or versions: flows, bodies and messages come from Python (benchmarks/operations.py, benchmarks/naive.py).
// Only Go's standard library is used, so that `go build` needs no network.
package main

import (
	"encoding/json"
	"log"
	"os"
)

// Plan says what to play, where and for how long.
type Plan struct {
	Kind        string              // "http" or "grpc"
	Address     string              // host:port
	TLS         bool                // for http
	Headers     []string            // lines added to every HTTP request
	Connections int                 // each plays one flow at a time
	Seconds     float64             // length of the measurement
	Warmup      float64             // seconds before the measurement
	Overtime    float64             // limit in seconds of a longer measurement, until each connection has ended a flow
	Prefix      string              // begins every {unique} text
	Pools       map[string][]Record // {model.id} is the field "id" of this flow's record of the pool "model"
	Disjoint    bool                // no two connections use one record
	Check       bool                // compare answers with what Step.Check says
	Steps       []Step              //
}

// Record is one entity that exists before the run.
type Record map[string]string

// Step is one request. Path, Body, Message and the values of Check are templates: {variable} is replaced.
type Step struct {
	Method   string            // http: the verb; grpc: the RPC
	Path     string            // http
	Body     string            // http
	Message  []Field           // grpc
	Statuses []int             // that are no error; grpc: status numbers
	Save     map[string]string // variable -> JSON path (http) or field numbers (grpc) in the answer
	Check    map[string]string // JSON path -> value; http only
}

func main() {
	log.SetFlags(0)
	var plan Plan
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&plan); err != nil {
		log.Fatalf("The plan cannot be read: %v.", err)
	}
	report, err := play(&plan)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		log.Fatal(err)
	}
}
