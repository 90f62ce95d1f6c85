package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// client has a session for each service, as the other arms that multiplex do.
type client struct {
	echo session
	sink session
}

type measureRequest struct {
	Workload string  `json:"workload"`
	Seconds  float64 `json:"seconds"`
}

// measure answers each line of its standard input with a measurement.
func measure(rival rival, address string) error {
	var server serverAddress
	if err := json.Unmarshal([]byte(address), &server); err != nil {
		return fmt.Errorf("the server's address %q cannot be read: %w", address, err)
	}
	client, err := connect(rival, server)
	if err != nil {
		return err
	}

	output := json.NewEncoder(os.Stdout)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var request measureRequest
		if err := json.Unmarshal(input.Bytes(), &request); err != nil {
			return fmt.Errorf("the request %q cannot be read: %w", input.Text(), err)
		}
		result, err := client.run(request.Workload, time.Duration(request.Seconds*float64(time.Second)))
		if err != nil {
			return err
		}
		if err := output.Encode(result); err != nil {
			return err
		}
	}
	return input.Err()
}

func connect(rival rival, server serverAddress) (*client, error) {
	echo, err := connectTo(rival, server.EchoPort)
	if err != nil {
		return nil, err
	}
	sink, err := connectTo(rival, server.SinkPort)
	if err != nil {
		return nil, err
	}
	return &client{echo, sink}, nil
}

func connectTo(rival rival, port int) (session, error) {
	connection, err := dial(port)
	if err != nil {
		return nil, err
	}
	return rival.client(connection)
}

func (c *client) run(workload string, duration time.Duration) (measurement, error) {
	switch workload {
	case "churn-1":
		return churn(c.echo, 1, duration), nil
	case "churn-64":
		return churn(c.echo, 64, duration), nil
	case "churn-256":
		return churn(c.echo, 256, duration), nil
	case "ping-pong":
		return pingPong(c.echo, duration)
	case "bulk":
		return bulk(c.sink, 1, 16*1024*1024, duration)
	case "bulk-64":
		return bulk(c.sink, 64, 1024*1024, duration)
	default:
		return measurement{}, fmt.Errorf("the Go arms do not know the workload %q", workload)
	}
}
