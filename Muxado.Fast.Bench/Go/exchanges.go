package main

import (
	"fmt"
	"io"
	"time"
)

const exchangeBytes = 64

// churn opens a stream, sends 64 B, reads their echo and closes, some number of such loops at a time. Neither library can close
// one direction only, so the end of the echo is known by its length.
func churn(session session, concurrency int, duration time.Duration) measurement {
	loops := make([]func(int64, time.Time) error, concurrency)
	for i := range loops {
		reply := make([]byte, exchangeBytes)
		loops[i] = func(number int64, _ time.Time) error {
			stream, err := session.open()
			if err != nil {
				return err
			}
			if err := exchange(stream, number, reply); err != nil {
				_ = stream.Close() // What matters has failed already.
				return err
			}
			return stream.Close()
		}
	}
	return runSlice(duration, exchangeBytes, loops)
}

// pingPong sends 64 B back and forth on one open stream.
func pingPong(session session, duration time.Duration) (measurement, error) {
	stream, err := session.open()
	if err != nil {
		return measurement{}, err
	}
	reply := make([]byte, exchangeBytes)
	result := runSlice(duration, exchangeBytes, []func(int64, time.Time) error{
		func(number int64, _ time.Time) error { return exchange(stream, number, reply) },
	})
	return result, stream.Close()
}

// exchange sends a piece of payload and waits for its echo.
func exchange(stream io.ReadWriter, number int64, reply []byte) error {
	if _, err := stream.Write(piece(number, 0, len(reply))); err != nil {
		return err
	}
	if _, err := io.ReadFull(stream, reply); err != nil {
		return err
	}
	if !matches(reply, number, 0) {
		return fmt.Errorf("operation %d: not the bytes that were sent came back", number)
	}
	return nil
}
