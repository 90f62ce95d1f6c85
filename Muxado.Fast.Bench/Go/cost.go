package main

import (
	"runtime"
	"syscall"
	"time"
)

// processCost is what a process used: since its start, or between two such readings. See ProcessCost.cs.
type processCost struct {
	CpuUserSeconds      float64 `json:"cpuUserSeconds"`
	CpuKernelSeconds    float64 `json:"cpuKernelSeconds"`
	AllocatedBytes      uint64  `json:"allocatedBytes"`
	Gen0Collections     uint32  `json:"gen0Collections"`
	VoluntarySwitches   int64   `json:"voluntarySwitches"`
	InvoluntarySwitches int64   `json:"involuntarySwitches"`
}

func costSinceStart() processCost {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // It fails on a bad argument only.
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return processCost{
		CpuUserSeconds:      time.Duration(usage.Utime.Nano()).Seconds(),
		CpuKernelSeconds:    time.Duration(usage.Stime.Nano()).Seconds(),
		AllocatedBytes:      memory.TotalAlloc,
		Gen0Collections:     memory.NumGC,
		VoluntarySwitches:   int64(usage.Nvcsw),
		InvoluntarySwitches: int64(usage.Nivcsw),
	}
}

func (c processCost) since(earlier processCost) processCost {
	return processCost{
		CpuUserSeconds:      c.CpuUserSeconds - earlier.CpuUserSeconds,
		CpuKernelSeconds:    c.CpuKernelSeconds - earlier.CpuKernelSeconds,
		AllocatedBytes:      c.AllocatedBytes - earlier.AllocatedBytes,
		Gen0Collections:     c.Gen0Collections - earlier.Gen0Collections,
		VoluntarySwitches:   c.VoluntarySwitches - earlier.VoluntarySwitches,
		InvoluntarySwitches: c.InvoluntarySwitches - earlier.InvoluntarySwitches,
	}
}
