namespace Muxado.Fast.Sessions;

/// <summary>
/// How many streams a peer may open and reset before the application saw them, or make us reset by breaking the rules, before we
/// take it for an attack (rapid reset, CVE-2023-44487 and CVE-2025-8671). Clean closes and refusals by us do not count.
/// </summary>
/// <remarks>Owner: the dispatcher. Threading: the receive drain's, one at a time.</remarks>
internal struct ResetBudget(int burst, int perSecond, long ticksPerSecond, long now)
{
    private double _left = burst;
    private long _updated = now;

    public bool TrySpend(long now)
    {
        _left = Math.Min(burst, _left + ((now - _updated) * (double)perSecond / ticksPerSecond));
        _updated = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
