using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Bench.Micro.Streams;

/// <summary>
/// Does the stream table beat the dictionaries, in finding a live stream, and in a stream's coming and going beside the live ones?
/// The table and the dictionary are under a lock, as they are in a session.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class StreamTableBenchmarks
{
    private const int Lookups = 1024;

    private readonly Lock _gate = new();
    private readonly object _stream = new();
    private readonly uint[] _lookupIds = new uint[Lookups];
    private StreamTable<object> _table = new();
    private Dictionary<uint, object> _dictionary = [];
    private ConcurrentDictionary<uint, object> _concurrent = new();
    private uint _nextId;

    [Params(1, 64, 10_000)]
    public int LiveStreams { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new StreamTable<object>();
        _dictionary = [];
        _concurrent = new ConcurrentDictionary<uint, object>();
        for (var i = 0; i < LiveStreams; i++)
        {
            _table.Add(IdOf(i), _stream);
            _dictionary.Add(IdOf(i), _stream);
            _concurrent[IdOf(i)] = _stream;
        }

        var random = new Random(1);
        for (var i = 0; i < Lookups; i++)
            _lookupIds[i] = IdOf(random.Next(LiveStreams));
        _nextId = IdOf(LiveStreams);
        Verify.Equal(Lookups, TableFind());
        Verify.Equal(Lookups, DictionaryFind());
        Verify.Equal(Lookups, ConcurrentDictionaryFind());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Verify.Equal(LiveStreams, _table.Count);
        Verify.Equal(LiveStreams, _dictionary.Count);
        Verify.Equal(LiveStreams, _concurrent.Count);
    }

    [Benchmark(OperationsPerInvoke = Lookups), BenchmarkCategory("find")]
    public int TableFind()
    {
        var found = 0;
        foreach (var id in _lookupIds)
        {
            lock (_gate)
                found += _table.Find(id) is null ? 0 : 1;
        }

        return found;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lookups), BenchmarkCategory("find")]
    public int DictionaryFind()
    {
        var found = 0;
        foreach (var id in _lookupIds)
        {
            lock (_gate)
                found += _dictionary.TryGetValue(id, out _) ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Lookups), BenchmarkCategory("find")]
    public int ConcurrentDictionaryFind()
    {
        var found = 0;
        foreach (var id in _lookupIds)
            found += _concurrent.TryGetValue(id, out _) ? 1 : 0;
        return found;
    }

    [Benchmark, BenchmarkCategory("add and remove")]
    public void TableChurn()
    {
        var id = NextId();
        lock (_gate)
            _table.Add(id, _stream);
        lock (_gate)
            _table.Remove(id);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("add and remove")]
    public void DictionaryChurn()
    {
        var id = NextId();
        lock (_gate)
            _dictionary.Add(id, _stream);
        lock (_gate)
            _dictionary.Remove(id);
    }

    [Benchmark, BenchmarkCategory("add and remove")]
    public void ConcurrentDictionaryChurn()
    {
        var id = NextId();
        _concurrent.TryAdd(id, _stream);
        _concurrent.TryRemove(id, out _);
    }

    private static uint IdOf(int index) => (uint)((2 * index) + 3);

    // Wraps round long before ids would, back to just above the live ones.
    private uint NextId() => _nextId = _nextId > int.MaxValue - 2 ? IdOf(LiveStreams) : _nextId + 2;
}
