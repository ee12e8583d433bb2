package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// move is a step with its templates prepared.
type move struct {
	request  any
	name     string
	statuses []int
	save     map[int]string // place of the variable -> path
	checks   map[string]*Template
}

// hopeless is the number of failures after which the measurement does not wait for a worker.
const hopeless = 3

// worker plays the flow again and again on one connection.
type worker struct {
	*game
	number     int
	caller     caller
	moves      []move
	values     []string
	counter    counters
	latencies  []float64
	complaints []string
}

type counters struct{ steps, requests, errors, wrong atomic.Int64 }

type counts struct{ steps, requests, errors, wrong int64 }

func tally(workers []*worker) counts {
	var sum counts
	for _, worker := range workers {
		counter := &worker.counter
		sum.steps += counter.steps.Load()
		sum.requests += counter.requests.Load()
		sum.errors += counter.errors.Load()
		sum.wrong += counter.wrong.Load()
	}
	return sum
}

func (after counts) minus(before counts) counts {
	return counts{
		after.steps - before.steps, after.requests - before.requests, after.errors - before.errors,
		after.wrong - before.wrong,
	}
}

func newWorker(shared *game, number int, transport *http.Transport) (*worker, error) {
	made := &worker{game: shared, number: number, values: make([]string, len(shared.variables))}
	if shared.plan.Kind == "grpc" {
		made.caller = &grpcCaller{address: shared.plan.Address, transport: transport}
	} else {
		made.caller = &httpCaller{plan: shared.plan}
	}
	for i := range shared.plan.Steps {
		ready, err := made.ready(&shared.plan.Steps[i])
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
		made.moves = append(made.moves, ready)
	}
	return made, nil
}

func (worker *worker) ready(step *Step) (move, error) {
	request, err := worker.caller.prepare(step, worker.variables)
	if err != nil {
		return move{}, err
	}
	made := move{request, step.Method + " " + step.Path, step.Statuses, map[int]string{}, map[string]*Template{}}
	for name, path := range step.Save {
		made.save[worker.variables[name]] = path
	}
	for path, text := range step.Check {
		if made.checks[path], err = worker.variables.template(text); err != nil {
			return move{}, err
		}
	}
	return made, nil
}

func (worker *worker) run() {
	hasEnded, failures := false, 0
	for turn := 0; !worker.stopping.Load(); turn++ {
		worker.choose(turn)
		measured, started := worker.measuring.Load(), time.Now()
		succeeded := worker.flow()
		switch {
		case succeeded && measured:
			worker.latencies = append(worker.latencies, float64(time.Since(started).Microseconds())/1000)
		case !succeeded && !worker.stopping.Load():
			failures++
			time.Sleep(pause) // spare a server that is down
		}
		if !hasEnded && (succeeded && measured || failures == hopeless) {
			hasEnded = true
			worker.ended.Add(1)
		}
	}
}

// choose sets the values of this turn: its unique text and its record of every pool.
func (worker *worker) choose(turn int) {
	worker.values[worker.variables["unique"]] = worker.plan.Prefix + "-" + strconv.Itoa(worker.number) + "-" + strconv.Itoa(turn)
	for pool, records := range worker.plan.Pools {
		index := (worker.number + turn*worker.plan.Connections) % len(records)
		if worker.plan.Disjoint {
			share := len(records) / worker.plan.Connections
			index = worker.number*share + turn%share
		}
		for field, value := range records[index] {
			worker.values[worker.variables[pool+"."+field]] = value
		}
	}
}

// flow plays all steps. It ends early after an error, or when the plan ends. It returns whether all steps succeeded.
func (worker *worker) flow() bool {
	for i := range worker.moves {
		if worker.stopping.Load() {
			return false
		}
		if err := worker.step(&worker.moves[i]); err != nil {
			worker.counter.errors.Add(1)
			worker.complain(worker.moves[i].name + ": " + err.Error())
			return false
		}
		worker.counter.steps.Add(1)
	}
	return true
}

func (worker *worker) step(move *move) error {
	status, body, err := worker.caller.call(move.request, worker.values)
	worker.counter.requests.Add(1)
	if err != nil {
		return err
	}
	if !slices.Contains(move.statuses, status) {
		return fmt.Errorf("status %d: %.150s", status, body)
	}
	if worker.plan.Kind == "grpc" {
		return worker.saveFields(move, body)
	}
	return worker.readJSON(move, body)
}

func (worker *worker) saveFields(move *move, message []byte) error {
	var err error
	for place, path := range move.save {
		if worker.values[place], err = firstValue(message, path); err != nil {
			return err
		}
	}
	return nil
}

func (worker *worker) readJSON(move *move, body []byte) error {
	isChecked := worker.plan.Check && len(move.checks) > 0
	if len(move.save) == 0 && !isChecked {
		return nil
	}
	answer, err := decode(body)
	if err != nil {
		return err
	}
	for place, path := range move.save {
		found, err := atPath(answer, path)
		if err != nil || len(found) == 0 {
			return fmt.Errorf("the response has no %s", path)
		}
		worker.values[place] = found[0]
	}
	if isChecked {
		if fault := mismatch(answer, move.checks, worker.values); fault != "" {
			worker.counter.wrong.Add(1)
			worker.complain(move.name + ": " + fault)
		}
	}
	return nil
}

func (worker *worker) complain(text string) {
	if len(worker.complaints) < 3 {
		worker.complaints = append(worker.complaints, text)
	}
}
