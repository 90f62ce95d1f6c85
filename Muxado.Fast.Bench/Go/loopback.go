package main

import (
	"context"
	"fmt"
	"net"
	"syscall"
)

// The option's number, which the syscall package does not name on every architecture.
const tcpCongestion = 13

// Sockets are set up as in the other arms: no delay, which is Go's default, and the same congestion control where it can be
// chosen. Accepted sockets inherit it from their listener.
func useReno(_, _ string, connection syscall.RawConn) error {
	return connection.Control(func(descriptor uintptr) {
		_ = syscall.SetsockoptString(int(descriptor), syscall.IPPROTO_TCP, tcpCongestion, "reno")
	})
}

func listen() (net.Listener, int, error) {
	config := net.ListenConfig{Control: useReno}
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, 0, err
	}
	return listener, listener.Addr().(*net.TCPAddr).Port, nil
}

func dial(port int) (net.Conn, error) {
	dialer := net.Dialer{Control: useReno}
	return dialer.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
}
