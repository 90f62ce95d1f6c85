package main

import "time"

var percentiles = []float64{50, 75, 90, 95, 99, 99.9, 99.99, 100}

// measurement is the answer to a request. See Measurement.cs.
type measurement struct {
	Operations int64              `json:"operations"`
	Bytes      int64              `json:"bytes"`
	Seconds    float64            `json:"seconds"`
	P50Us      float64            `json:"p50Us"`
	P99Us      float64            `json:"p99Us"`
	Errors     int64              `json:"errors"`
	FirstError *string            `json:"firstError"`
	Extra      map[string]float64 `json:"extra,omitempty"`
	Latencies  []latencyPoint     `json:"latencies,omitempty"`
	Client     processCost        `json:"client"`
}

type latencyPoint struct {
	Percentile float64 `json:"percentile"`
	Us         float64 `json:"us"`
}

func sum(tallies []*tally, bytesPerOperation int64, elapsed time.Duration, cost processCost) measurement {
	var latencies histogram
	m := measurement{Seconds: elapsed.Seconds(), Client: cost}
	for _, t := range tallies {
		latencies.add(&t.latencies)
		m.Operations += t.operations
		if t.err == nil {
			continue
		}
		m.Errors++
		if m.FirstError == nil {
			text := t.err.Error()
			m.FirstError = &text
		}
	}
	m.Bytes = m.Operations * bytesPerOperation
	m.P50Us = latencies.percentileUs(50)
	m.P99Us = latencies.percentileUs(99)
	if latencies.total > 0 {
		for _, percentile := range percentiles {
			m.Latencies = append(m.Latencies, latencyPoint{percentile, latencies.percentileUs(percentile)})
		}
	}
	return m
}
