using CsCheck;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>What threads do at once is as if they had done it one after the other: nothing is lost, torn, doubled or out of order.</summary>
public sealed class ParallelTests
{
    private static readonly Gen<int> s_stream = Gen.Int[0, 2];

    [Test]
    public void What_parallel_writers_send_is_what_they_would_send_in_some_order() =>
        Gen.Const(() => new ParallelWriters()).SampleParallel(
            Gen.Select(s_stream, Gen.Byte).Operation<ParallelWriters>(
                write => $"write {write.Item2} to {write.Item1}", (writers, write) => writers.Write(write.Item1, write.Item2)),
            s_stream.Operation<ParallelWriters>(stream => $"half-close {stream}", (writers, stream) => writers.CompleteWrites(stream)),
            s_stream.Operation<ParallelWriters>(stream => $"reset {stream}", (writers, stream) => writers.Abort(stream)),
            Gen.Int[1, 9].Operation<ParallelWriters>(type => $"open {type}", (writers, type) => writers.Open(type)),
            equal: (parallel, sequential) => parallel.Seen == sequential.Seen,
            maxParallelOperations: 4,
            print: writers => writers.Seen);
}
