package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// A transfer is a header of its number and length (8 B each, big-endian), the bytes in 64 KiB writes, and an acknowledgement of
// 8 B that tells how many the receiver found right.
const (
	headerBytes          = 16
	acknowledgementBytes = 8
)

// bulkLane sends one transfer after another on one stream.
type bulkLane struct {
	stream        io.ReadWriteCloser
	transferBytes int64
	header        [headerBytes]byte
	bytesInSlice  int64 // What was written until the deadline: finer than transfers.
}

// bulk sends on all streams at once. With more than one it adds Jain's fairness index of what each sent within the slice.
func bulk(session session, streams int, transferBytes int64, duration time.Duration) (measurement, error) {
	lanes := make([]*bulkLane, streams)
	loops := make([]func(int64, time.Time) error, streams)
	for i := range lanes {
		stream, err := session.open()
		if err != nil {
			return measurement{}, err
		}
		lanes[i] = &bulkLane{stream: stream, transferBytes: transferBytes}
		loops[i] = lanes[i].send
	}
	result := runSlice(duration, transferBytes, loops)
	for _, lane := range lanes {
		if err := lane.stream.Close(); err != nil {
			return measurement{}, err
		}
	}
	if streams > 1 {
		result.Extra = map[string]float64{"jainFairness": jainFairness(lanes)}
	}
	return result, nil
}

func (l *bulkLane) send(number int64, deadline time.Time) error {
	binary.BigEndian.PutUint64(l.header[:], uint64(number))
	binary.BigEndian.PutUint64(l.header[8:], uint64(l.transferBytes))
	if _, err := l.stream.Write(l.header[:]); err != nil {
		return err
	}
	for offset := int64(0); offset < l.transferBytes; offset += maxPieceBytes {
		if _, err := l.stream.Write(piece(number, offset, maxPieceBytes)); err != nil {
			return err
		}
		if time.Now().Before(deadline) {
			l.bytesInSlice += maxPieceBytes
		}
	}

	acknowledgement := l.header[:acknowledgementBytes]
	if _, err := io.ReadFull(l.stream, acknowledgement); err != nil {
		return err
	}
	if right := int64(binary.BigEndian.Uint64(acknowledgement)); right != l.transferBytes {
		return fmt.Errorf("transfer %d: the receiver found %d of %d bytes right", number, right, l.transferBytes)
	}
	return nil
}

// receiveBulk takes one transfer after another until the sender is done.
func receiveBulk(stream io.ReadWriter) error {
	buffer := make([]byte, maxPieceBytes)
	var header [headerBytes]byte
	for {
		if _, err := io.ReadFull(stream, header[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		number := int64(binary.BigEndian.Uint64(header[:]))
		length := int64(binary.BigEndian.Uint64(header[8:]))
		right, err := receiveTransfer(stream, buffer, number, length)
		if err != nil {
			return err
		}
		binary.BigEndian.PutUint64(header[:], uint64(right))
		if _, err := stream.Write(header[:acknowledgementBytes]); err != nil {
			return err
		}
	}
}

func receiveTransfer(stream io.Reader, buffer []byte, number, length int64) (right int64, err error) {
	for offset := int64(0); offset < length; {
		part := buffer
		if rest := length - offset; rest < int64(len(part)) {
			part = part[:rest]
		}
		count, err := stream.Read(part)
		if err != nil {
			return right, fmt.Errorf("transfer %d ended after %d of %d bytes: %w", number, offset, length, err)
		}
		if matches(part[:count], number, offset) {
			right += int64(count)
		}
		offset += int64(count)
	}
	return right, nil
}

// jainFairness is 1 when all lanes sent the same, 1/n when one of n sent everything, and 1 when nobody sent anything.
func jainFairness(lanes []*bulkLane) float64 {
	var sum, squares float64
	for _, lane := range lanes {
		share := float64(lane.bytesInSlice)
		sum += share
		squares += share * share
	}
	if sum == 0 {
		return 1
	}
	return sum * sum / (float64(len(lanes)) * squares)
}
