package main

import (
	"math/bits"
	"time"
)

// Values below 2^(subBits+1) ns have a bucket each; above, each doubling is divided into 2^subBits buckets: 0.2 % or better.
const (
	subBits     = 9
	highestBits = 36 // a bit more than a minute in nanoseconds
	bucketCount = (highestBits - subBits + 1) << subBits
)

// histogram counts latencies. One writer.
type histogram struct {
	counts [bucketCount]uint32
	total  uint64
}

func (h *histogram) record(latency time.Duration) {
	h.counts[bucketOf(uint64(latency))]++
	h.total++
}

func (h *histogram) add(other *histogram) {
	for i, count := range &other.counts {
		h.counts[i] += count
	}
	h.total += other.total
}

// percentileUs returns how long the given share of operations, from 0 to 100, took at most; 0 when there were none.
func (h *histogram) percentileUs(percentile float64) float64 {
	if h.total == 0 {
		return 0
	}
	rank := uint64(percentile/100*float64(h.total) + 0.5)
	if rank == 0 {
		rank = 1
	}
	var seen uint64
	for i, count := range &h.counts {
		if seen += uint64(count); seen >= rank {
			return float64(highestIn(i)) / 1e3
		}
	}
	return float64(highestIn(bucketCount-1)) / 1e3
}

func bucketOf(value uint64) int {
	if value >= 1<<highestBits {
		return bucketCount - 1
	}
	shift := bits.Len64(value>>subBits) - 1
	if shift <= 0 {
		return int(value)
	}
	return shift<<subBits + int(value>>shift)
}

func highestIn(bucket int) uint64 {
	if bucket < 2<<subBits {
		return uint64(bucket)
	}
	shift := bucket>>subBits - 1
	return (uint64(bucket)-uint64(shift)<<subBits+1)<<shift - 1
}
