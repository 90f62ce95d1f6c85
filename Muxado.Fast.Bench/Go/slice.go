package main

import (
	"sync"
	"time"
)

// Far enough apart that no two loops use the same operation number.
const numbersPerLoop = int64(1) << 32

// tally is what one loop counts.
type tally struct {
	latencies  histogram
	operations int64
	err        error
}

// runSlice is the part of a workload that is measured: each operation is repeated in a loop of its own until the time is up. It
// gets its number and the deadline; its failure ends its loop.
func runSlice(duration time.Duration, bytesPerOperation int64, operations []func(number int64, deadline time.Time) error) measurement {
	tallies := make([]*tally, len(operations))
	for i := range tallies {
		tallies[i] = new(tally)
	}
	before := costSinceStart()
	begin := time.Now()
	deadline := begin.Add(duration)
	var running sync.WaitGroup
	running.Add(len(operations))
	for i := range operations {
		go func(i int) {
			defer running.Done()
			tallies[i].run(int64(i)*numbersPerLoop, deadline, operations[i])
		}(i)
	}
	running.Wait()
	elapsed := time.Since(begin)
	return sum(tallies, bytesPerOperation, elapsed, costSinceStart().since(before))
}

func (t *tally) run(firstNumber int64, deadline time.Time, operation func(number int64, deadline time.Time) error) {
	for start := time.Now(); start.Before(deadline); {
		if t.err = operation(firstNumber+t.operations, deadline); t.err != nil {
			return
		}
		end := time.Now()
		t.latencies.record(end.Sub(start))
		t.operations++
		start = end
	}
}
