package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
)

// As much as the other arms' servers echo at once.
const echoBufferBytes = 32 * 1024

// serverAddress is the first line of a server, and the last argument of a client.
type serverAddress struct {
	EchoPort  int `json:"echoPort"`
	SinkPort  int `json:"sinkPort"`
	Addresses int `json:"addresses"`
}

// serve prints where it listens, and then what the process has cost so far for each line of its standard input.
func serve(rival rival) error {
	echoListener, echoPort, err := listen()
	if err != nil {
		return err
	}
	sinkListener, sinkPort, err := listen()
	if err != nil {
		return err
	}
	go acceptConnections(echoListener, rival, echoStream)
	go acceptConnections(sinkListener, rival, receiveBulk)

	output := json.NewEncoder(os.Stdout)
	if err := output.Encode(serverAddress{echoPort, sinkPort, 1}); err != nil {
		return err
	}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		if err := output.Encode(costSinceStart()); err != nil {
			return err
		}
	}
	return input.Err()
}

func acceptConnections(listener net.Listener, rival rival, serveStream func(io.ReadWriter) error) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "arm server:", err)
			return
		}
		session, err := rival.server(connection)
		if err != nil {
			fmt.Fprintln(os.Stderr, "arm server:", err)
			return
		}
		go acceptStreams(session, serveStream)
	}
}

func acceptStreams(session session, serveStream func(io.ReadWriter) error) {
	for {
		stream, err := session.accept()
		if err != nil {
			return // The client is done.
		}
		go func() {
			defer stream.Close()
			if err := serveStream(stream); err != nil {
				fmt.Fprintln(os.Stderr, "arm server:", err)
			}
		}()
	}
}

func echoStream(stream io.ReadWriter) error {
	buffer := echoBuffers.Get().(*[echoBufferBytes]byte)
	defer echoBuffers.Put(buffer)
	for {
		count, err := stream.Read(buffer[:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err = stream.Write(buffer[:count]); err != nil {
			return err
		}
	}
}
