using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>What all arms with TLS have in common, so that none has the cheaper cipher.</summary>
internal static class TlsParameters
{
    /// <summary>TLS 1.3 with AES-128-GCM where a program may choose; null where the system does, which then chooses the same for all arms.</summary>
    public static CipherSuitesPolicy? CipherSuites() =>
        OperatingSystem.IsLinux() ? new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]) : null;

    public static string Sha256(X509Certificate certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
