namespace Muxado.Fast.Tests.Conformance;

/// <summary>Which end of the connection the session under test is.</summary>
public enum Role
{
    Client,
    Server,
}
