using System.Diagnostics;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Streams;

/// <summary>Gives out our stream ids: odd from 3 for a client, even from 2 for a server, each two above the last.</summary>
/// <remarks>
/// Owner: a session.
/// Threading: under the table lock.
/// Invariants: an id is given out once; the peer's ids have the other parity.
/// </remarks>
internal struct StreamIds
{
    private readonly uint _first;
    private uint _next;

    public StreamIds(bool isClient)
    {
        _first = isClient ? Wire.FirstClientStreamId : Wire.FirstServerStreamId;
        _next = _first;
    }

    /// <summary>Starts at a later id, as if all below had been used.</summary>
    public StreamIds(bool isClient, uint next)
        : this(isClient)
    {
        Debug.Assert(next >= _first && (next - _first) % 2 == 0, "the id to start with belongs to the other side");
        _next = next;
    }

    /// <summary>The next id. False: all are used up, for the life of the session.</summary>
    public bool TryTakeNext(out uint id)
    {
        id = _next;
        if (id > Wire.MaxStreamId)
        {
            id = 0;
            return false;
        }

        _next += 2;
        return true;
    }

    /// <summary>Whether the id is of our parity, used or not.</summary>
    public readonly bool IsLocal(uint id) => ((id ^ _first) & 1) == 0;

    /// <summary>Whether we have opened a stream with this id, living or closed.</summary>
    public readonly bool WasLocallyOpened(uint id) => IsLocal(id) && id >= _first && id < _next;
}
