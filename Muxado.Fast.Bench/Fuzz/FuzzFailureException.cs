namespace Muxado.Fast.Bench.Fuzz;

/// <summary>An input has broken a rule that must hold for any input.</summary>
internal sealed class FuzzFailureException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    public static void Require(bool holds, string broken)
    {
        if (!holds)
            throw new FuzzFailureException(broken);
    }
}
