package main

import "sync"

// Streams come and go faster than the collector does: their buffers are kept.
var echoBuffers = sync.Pool{New: func() any { return new([echoBufferBytes]byte) }}
