package main

import (
	"fmt"
	"io"
	"net"

	"github.com/hashicorp/yamux"
	"github.com/xtaci/smux"
)

// What one stream may have under way: as much as one of Muxado.Fast's.
const windowBytes = 1024 * 1024

// What all streams of a connection may have under way together: as much as a session of Muxado.Fast's.
const sessionWindowBytes = 64 * 1024 * 1024

// As many as wait to be accepted by a session of Muxado.Fast's.
const acceptBacklog = 1024

// session is what both libraries have in common: streams over one connection.
type session interface {
	open() (io.ReadWriteCloser, error)
	accept() (io.ReadWriteCloser, error)
}

// rival makes a library's sessions, set up to be fast.
type rival struct {
	client func(connection net.Conn) (session, error)
	server func(connection net.Conn) (session, error)
}

func findRival(name string) (rival, error) {
	switch name {
	case "yamux":
		return rival{
			client: func(connection net.Conn) (session, error) { return asYamux(yamux.Client(connection, yamuxConfig())) },
			server: func(connection net.Conn) (session, error) { return asYamux(yamux.Server(connection, yamuxConfig())) },
		}, nil
	case "smux":
		return rival{
			client: func(connection net.Conn) (session, error) { return asSmux(smux.Client(connection, smuxConfig())) },
			server: func(connection net.Conn) (session, error) { return asSmux(smux.Server(connection, smuxConfig())) },
		}, nil
	default:
		return rival{}, fmt.Errorf("there is no arm %q here, only yamux and smux", name)
	}
}

type yamuxSession struct{ *yamux.Session }

func (s yamuxSession) open() (io.ReadWriteCloser, error)   { return s.OpenStream() }
func (s yamuxSession) accept() (io.ReadWriteCloser, error) { return s.AcceptStream() }

func asYamux(s *yamux.Session, err error) (session, error) { return yamuxSession{s}, err }

func yamuxConfig() *yamux.Config {
	config := yamux.DefaultConfig()
	config.AcceptBacklog = acceptBacklog
	config.MaxStreamWindowSize = windowBytes
	config.LogOutput = io.Discard
	return config
}

type smuxSession struct{ *smux.Session }

func (s smuxSession) open() (io.ReadWriteCloser, error)   { return s.OpenStream() }
func (s smuxSession) accept() (io.ReadWriteCloser, error) { return s.AcceptStream() }

func asSmux(s *smux.Session, err error) (session, error) { return smuxSession{s}, err }

// Version 2 has a window for each stream; version 1 lets one slow reader hold all others up, which no other arm may.
func smuxConfig() *smux.Config {
	config := smux.DefaultConfig()
	config.Version = 2
	config.MaxReceiveBuffer = sessionWindowBytes
	config.MaxStreamBuffer = windowBytes
	return config
}
