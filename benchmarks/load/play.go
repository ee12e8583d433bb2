package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Report is the result of a plan. Flows may be a fraction: the finished steps of an unfinished flow count as a part of it.
type Report struct {
	Flows      float64  `json:"flows"`
	Played     float64  `json:"played"` // flows, with those outside the measurement
	Requests   int64    `json:"requests"`
	Errors     int64    `json:"errors"`
	Wrong      int64    `json:"wrong"`
	Complaints []string `json:"complaints"`
	Seconds    float64  `json:"seconds"`
	CPUSeconds float64  `json:"cpu_seconds"`
	P50        float64  `json:"p50_ms"`
	P90        float64  `json:"p90_ms"`
	P99        float64  `json:"p99_ms"`
}

type caller interface {
	prepare(step *Step, variables Variables) (any, error)
	call(prepared any, values []string) (status int, body []byte, err error)
}

// game is the state that the workers of a plan share.
type game struct {
	plan      *Plan
	variables Variables
	measuring atomic.Bool
	stopping  atomic.Bool
	ended     atomic.Int64 // workers that have ended a flow since the measurement began
}

const pause = 20 * time.Millisecond

// play runs a plan with one worker per connection.
func play(plan *Plan) (*Report, error) {
	shared, err := newGame(plan)
	if err != nil {
		return nil, err
	}
	transport := newTransport()
	workers := make([]*worker, plan.Connections)
	for i := range workers {
		if workers[i], err = newWorker(shared, i, transport); err != nil {
			return nil, err
		}
	}
	var running sync.WaitGroup
	for _, worker := range workers {
		running.Add(1)
		go func() {
			defer running.Done()
			worker.run()
		}()
	}
	time.Sleep(seconds(plan.Warmup))
	shared.measuring.Store(true)
	before, started, cpu := tally(workers), time.Now(), processorTime()
	time.Sleep(seconds(plan.Seconds))
	for shared.ended.Load() < int64(plan.Connections) && time.Since(started) < seconds(plan.Overtime) {
		time.Sleep(pause)
	}
	after, spent, elapsed := tally(workers), processorTime()-cpu, time.Since(started)
	shared.stopping.Store(true)
	running.Wait()
	return report(plan, workers, after.minus(before), elapsed, spent), nil
}

func newGame(plan *Plan) (*game, error) {
	if plan.Connections < 1 || len(plan.Steps) == 0 {
		return nil, fmt.Errorf("a plan needs connections and steps")
	}
	shared := &game{plan: plan, variables: Variables{}}
	shared.variables.place("unique")
	for pool, records := range plan.Pools {
		if len(records) == 0 || plan.Disjoint && len(records) < plan.Connections {
			return nil, fmt.Errorf("the pool %s has %d records", pool, len(records))
		}
		for field := range records[0] {
			shared.variables.place(pool + "." + field)
		}
	}
	for _, step := range plan.Steps {
		for name := range step.Save {
			shared.variables.place(name)
		}
	}
	return shared, nil
}

// report makes the report. Rates are computed from the steps in the measured time, percentiles from the flows that ended in it.
func report(plan *Plan, workers []*worker, done counts, elapsed, spent time.Duration) *Report {
	made := &Report{
		Flows: flows(plan, done), Played: flows(plan, tally(workers)), Requests: done.requests, Errors: done.errors,
		Wrong: done.wrong, Seconds: elapsed.Seconds(), CPUSeconds: spent.Seconds(), Complaints: []string{},
	}
	var latencies []float64
	for _, worker := range workers {
		latencies = append(latencies, worker.latencies...)
		for _, complaint := range worker.complaints {
			if len(made.Complaints) < 3 && !slices.Contains(made.Complaints, complaint) {
				made.Complaints = append(made.Complaints, complaint)
			}
		}
	}
	slices.Sort(latencies)
	if last := len(latencies) - 1; last >= 0 {
		at := func(share float64) float64 { return latencies[int(share*float64(last)+0.5)] }
		made.P50, made.P90, made.P99 = at(0.5), at(0.9), at(0.99)
	}
	return made
}

func flows(plan *Plan, done counts) float64 { return float64(done.steps) / float64(len(plan.Steps)) }

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
