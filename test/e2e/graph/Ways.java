import java.io.*;
import java.lang.management.ManagementFactory;
import java.lang.ref.*;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import com.sun.management.HotSpotDiagnosticMXBean;

/** Holds values that come by lines, in the order of java-ways.ts: names are in the program, values in the heap. */
public class Ways {
  static BufferedReader in;

  static String next() throws IOException {
    return new String(in.readLine().toCharArray());
  }

  static byte[] raw() throws IOException {
    return HexFormat.of().parseHex(in.readLine());
  }

  enum Setting { REGION, MAIL_PASSWORD }

  static class Base {
    private String jwtSecret;
  }

  static class AuthConfig extends Base {
    int before = 7;
    String refreshTokenSecret;
    long after = 9;
    static String ADMIN_PASSWORD;
    char[] keystorePassword;
    byte[] sessionSecret;
    byte[] hmacSecret;
    BigInteger signingSecret;
    Optional<String> accessToken;
    AtomicReference<String> clientSecret = new AtomicReference<>();
    StringBuilder dbPassword;
    StringBuffer ldapPassword;
    List<String> apiKeys = new ArrayList<>();
    List<String> refreshTokens;
    Deque<String> cookieKeys = new ArrayDeque<>();
    List<String> appKeys = new CopyOnWriteArrayList<>();
    String[] secretKeys;
    Hidden encryptionSecret;
    Lazy cookieSecret;
    SoftReference<String> webhookSecret;
    WeakReference<String> botToken;
    CompletableFuture<String> bearerToken;
    ByteBuffer masterSecret;
    ThreadLocal<String> delegatedPassword = new ThreadLocal<>();
    Supplier<String> captured;
    // Decoys.
    String requestId;
    String etag;
    String sha256;
    String publicKey;
    String traceId;
    String cacheKey;
  }

  interface Supplier<T> { T get(); }

  static class Hidden { String value; }

  static class Lazy { Object _value; }

  record Credentials(String user, String apiSecret) {}

  static class Named { String name; String value; }

  static class Pair {
    final String key;
    final Object val;

    Pair(String key, Object val) {
      this.key = key;
      this.val = val;
    }
  }

  static final AuthConfig config = new AuthConfig();
  static final Map<String, Object> settings = new HashMap<>();
  static final Map<String, Object> ordered = new LinkedHashMap<>();
  static final Map<String, Object> shared = new ConcurrentHashMap<>();
  static final Properties properties = new Properties();
  static final Hashtable<String, Object> table = new Hashtable<>();
  static final Map<String, Object> sorted = new TreeMap<>();
  static final Map<String, Object> skipped = new ConcurrentSkipListMap<>();
  static final Map<Object, Object> identity = new IdentityHashMap<>();
  static final Map<String, Object> weak = new WeakHashMap<>();
  static final Map<Setting, Object> byEnum = new HashMap<>();
  static final Map<Setting, Object> enumMap = new EnumMap<>(Setting.class);
  static Map<String, Object> one, several, unmodifiable, singleton;
  static final List<Object> entries = new ArrayList<>();
  static String[] pairs;
  static Credentials credentials;
  static final String[] names = new String[8];

  public static void main(String[] arguments) throws Exception {
    in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    ((Base) config).jwtSecret = next();
    config.refreshTokenSecret = next();
    AuthConfig.ADMIN_PASSWORD = next();
    credentials = new Credentials("svc", next());
    settings.put("spring.datasource.password", next());
    for (int i = 0; i < 40; i++) settings.put("setting." + i, "plain text " + i);
    ordered.put("smtp_password", next());
    shared.put("SESSION_SECRET", next());
    properties.setProperty("db.password", next());
    table.put("proxyPassword", next());
    sorted.put("redis-password", next());
    sorted.put("a", "b");
    skipped.put("runner_token", next());
    String identityKey = "signing_secret";
    identity.put(identityKey, next());
    weak.put("cookie_password", next());
    byEnum.put(Setting.MAIL_PASSWORD, next());
    one = Map.of("oauth_client_secret", next());
    several = Map.of("region", "eu-west-1", "consumer_secret", next(), "zone", "b");
    unmodifiable = Collections.unmodifiableMap(new HashMap<>(Map.of("ssh_password", next())));
    singleton = Collections.singletonMap("totp_secret", next());
    entries.add(new AbstractMap.SimpleEntry<>("mqtt_password", next()));
    entries.add(Map.entry("ftp_password", next()));
    Named named = new Named();
    named.name = "sentry_auth_token";
    named.value = next();
    entries.add(named);
    entries.add(new Pair("smb_password", next()));
    pairs = new String[] { "host", "localhost", "kafka_password", next() };
    config.keystorePassword = next().toCharArray();
    config.sessionSecret = next().getBytes(StandardCharsets.US_ASCII);
    config.hmacSecret = raw();
    config.signingSecret = new BigInteger(1, raw());
    config.accessToken = Optional.of(next());
    config.clientSecret.set(next());
    config.dbPassword = new StringBuilder().append(next());
    config.ldapPassword = new StringBuffer().append(next());
    config.apiKeys.add(next());
    config.refreshTokens = List.of(next());
    config.cookieKeys.add(next());
    config.appKeys.add(next());
    config.secretKeys = new String[] { "none", next() };
    config.encryptionSecret = new Hidden();
    config.encryptionSecret.value = next();
    config.cookieSecret = new Lazy();
    config.cookieSecret._value = next();
    String soft = next(), weakly = next();
    config.webhookSecret = new SoftReference<>(soft);
    config.botToken = new WeakReference<>(weakly);
    entries.add(weakly);
    config.bearerToken = CompletableFuture.completedFuture(next());
    config.masterSecret = ByteBuffer.wrap(next().getBytes(StandardCharsets.US_ASCII));
    System.setProperty("app.mail.password", next());
    Map<String, String> environment = System.getenv();
    enumMap.put(Setting.MAIL_PASSWORD, next());
    config.delegatedPassword.set(next());
    String argument = next();
    config.captured = () -> argument;
    config.requestId = next();
    config.etag = next();
    config.sha256 = next();
    config.publicKey = next();
    config.traceId = next();
    config.cacheKey = next();
    settings.put("etag", next());
    settings.put("request.id", next());
    properties.setProperty("artifact.sha256", next());
    for (int i = 0; i < 200_000; i++) names[i & 7] = "filler " + i;
    System.gc();
    String threads = System.getProperty("dump.threads");
    if (arguments.length == 0) {
      System.out.println("ready " + environment.size());
      Thread.sleep(600_000);
    } else if (threads == null)
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(arguments[0], false);
    else
      new ProcessBuilder(System.getProperty("java.home") + "/bin/jcmd", "" + ProcessHandle.current().pid(),
        "GC.heap_dump", "-all", "-parallel=" + threads, arguments[0]).inheritIO().start().waitFor();
    System.out.println(environment.size() > 0 ? "dumped" : "");
  }
}
