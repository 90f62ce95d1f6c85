namespace Muxado.Fast.Bench.Compare;

/// <summary>How many bytes an operation of the engine may allocate in steady state, both ends together unless it says otherwise.</summary>
/// <param name="Id">The target's name.</param>
/// <param name="Read">Receiving what one write sent.</param>
/// <param name="Write">One write.</param>
/// <param name="PingPong">A write, and reading the answer.</param>
/// <param name="OpenAcceptEchoClose">A stream from open to close, through handles.</param>
/// <param name="StreamFacadePerEnd">The same through the stream class, at each end.</param>
internal sealed record AllocationBudgets(string Id, int Read, int Write, int PingPong, int OpenAcceptEchoClose, int StreamFacadePerEnd);
