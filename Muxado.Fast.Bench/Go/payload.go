package main

import (
	"bytes"
	"math/rand"
)

// The longest piece that can be made or checked at once, in bytes.
const maxPieceBytes = 64 * 1024

// The payload is a function of an operation's number and an offset, as in the other arms: slices of one fixed pattern, whose
// period is a prime, so that a byte that arrives at the wrong place or on the wrong stream is noticed.
const (
	periodBytes            = 65_521
	phaseBytesPerOperation = 7_919
)

var pattern = makePattern()

func piece(operation, offset int64, length int) []byte {
	phase := phaseOf(operation, offset)
	return pattern[phase : phase+length]
}

func matches(received []byte, operation, offset int64) bool {
	return bytes.Equal(received, piece(operation, offset, len(received)))
}

func phaseOf(operation, offset int64) int {
	return int(uint64(operation*phaseBytesPerOperation+offset) % periodBytes)
}

func makePattern() []byte {
	pattern := make([]byte, periodBytes+maxPieceBytes)
	rand.New(rand.NewSource(periodBytes)).Read(pattern[:periodBytes])
	for from := periodBytes; from < len(pattern); from += periodBytes {
		copy(pattern[from:], pattern[:periodBytes])
	}
	return pattern
}
