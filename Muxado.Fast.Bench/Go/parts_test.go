package main

import (
	"math"
	"testing"
	"time"
)

func TestEveryLatencyIsInTheBucketThatNamesIt(t *testing.T) {
	for value := uint64(1); value < 1<<highestBits; value += value/700 + 1 {
		bucket := bucketOf(value)
		highest := highestIn(bucket)
		if highest < value || float64(highest-value) > float64(value)/(1<<subBits) {
			t.Fatalf("%d ns are counted in bucket %d, which says %d ns", value, bucket, highest)
		}
		if bucketOf(highest) != bucket || bucketOf(highest+1) != bucket+1 && highest+1 < 1<<highestBits {
			t.Fatalf("bucket %d does not end at %d ns", bucket, highest)
		}
	}
}

func TestPercentilesAreThoseOfWhatWasRecorded(t *testing.T) {
	var h histogram
	for us := 1; us <= 1000; us++ {
		h.record(time.Duration(us) * time.Microsecond)
	}
	h.record(time.Hour) // Beyond the last bucket: counted there.
	for _, percentile := range []float64{50, 90, 99} {
		want := percentile * 10
		if got := h.percentileUs(percentile); math.Abs(got-want) > want/100 {
			t.Errorf("percentile %v is %v us, want about %v", percentile, got, want)
		}
	}
	if got := new(histogram).percentileUs(50); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestPayloadIsAFunctionOfOperationAndOffset(t *testing.T) {
	whole := append([]byte{}, piece(7, 0, maxPieceBytes)...)
	if !matches(whole[1000:], 7, 1000) {
		t.Error("a part is not where it belongs")
	}
	if matches(whole[:64], 8, 0) || matches(whole[:64], 7, 1) || matches(whole[:64], 7, maxPieceBytes) {
		t.Error("bytes of another operation or offset pass")
	}
	whole[63]++
	if matches(whole[:64], 7, 0) {
		t.Error("a wrong byte passes")
	}
}

func TestFairnessIsOneWhenAllGetTheSameAndOneNthWhenOneGetsAll(t *testing.T) {
	for _, test := range []struct {
		bytes []int64
		want  float64
	}{{[]int64{5, 5, 5, 5}, 1}, {[]int64{8, 0, 0, 0}, 0.25}, {[]int64{0, 0}, 1}} {
		lanes := make([]*bulkLane, len(test.bytes))
		for i, bytes := range test.bytes {
			lanes[i] = &bulkLane{bytesInSlice: bytes}
		}
		if got := jainFairness(lanes); got != test.want {
			t.Errorf("the fairness of %v is %v, want %v", test.bytes, got, test.want)
		}
	}
}
