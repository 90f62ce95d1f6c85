using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>What the simulation knows about one stream, seen from above: both of its directions, and what either side has done to it.</summary>
internal sealed class Conversation(uint id, MuxadoStreamOptions options)
{
    // Each direction of each stream says something else, or bytes that went astray might pass for the right ones.
    private readonly Flow[] _flows = [new(2 * id), new((2 * id) + 1)];

    public uint Id => id;

    public MuxadoStreamOptions Options => options;

    public Side Opener => Sides.OpenerOf(id);

    /// <summary>Whether the accepting application has seen it.</summary>
    public bool WasAccepted { get; set; }

    /// <summary>Whether the opener was told that the accepting application has not seen it, and never will.</summary>
    public bool IsPromisedUnseen { get; set; }

    /// <summary>How many of its two ends the applications are done with.</summary>
    public int EndsDone { get; set; }

    /// <summary>Whether either side has done something that may reset the stream.</summary>
    public bool IsTorn { get; private set; }

    public Flow FlowFrom(Side writer) => _flows[(int)writer];

    public void Tear() => IsTorn = true;
}
