using System;
using System.IO;
using System.Security.Cryptography;

/// <summary>Loads an RSA key from its integers, signs with it, and keeps running.</summary>
static class Signer {
  static byte[] Part(string name) {
    return File.ReadAllBytes("keys/rsa." + name);
  }

  static void Main() {
    var key = new RSACryptoServiceProvider();
    key.ImportParameters(new RSAParameters {
      Modulus = Part("n"), Exponent = Part("e"), D = Part("d"), P = Part("p"), Q = Part("q"),
      DP = Part("dp"), DQ = Part("dq"), InverseQ = Part("qi"),
    });
    for (var i = 0; i < 3; i++) key.SignData(new byte[] { 1, 2, 3 }, "SHA256");
    GC.Collect();
    Console.WriteLine("ready");
    Console.Read();
    GC.KeepAlive(key);
  }
}
