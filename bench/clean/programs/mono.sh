echo 'class P { static void Main() { foreach (var a in System.AppDomain.CurrentDomain.GetAssemblies()) a.GetTypes();
System.Reflection.Assembly.Load("System.Xml, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089").GetTypes();
System.Threading.Thread.Sleep(600000); } }' > p.cs; mcs p.cs && exec mono p.exe
