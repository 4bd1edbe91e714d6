mkdir src; for i in $(seq ${PARTS:-400}); do
cat > src/Part$i.java <<END
import java.util.*; import java.util.stream.*;
public class Part$i { final Map<String, List<Integer>> parts = new TreeMap<>();
int step0(int n) { return IntStream.range(0, n).map(x -> x * 0 + n).filter(x -> x % 3 == 0).sum(); }
int step1(int n) { return IntStream.range(0, n).map(x -> x * 1 + n).filter(x -> x % 3 == 0).sum(); }
int step2(int n) { return IntStream.range(0, n).map(x -> x * 2 + n).filter(x -> x % 3 == 0).sum(); }
int step3(int n) { return IntStream.range(0, n).map(x -> x * 3 + n).filter(x -> x % 3 == 0).sum(); }
int step4(int n) { return IntStream.range(0, n).map(x -> x * 4 + n).filter(x -> x % 3 == 0).sum(); }
int step5(int n) { return IntStream.range(0, n).map(x -> x * 5 + n).filter(x -> x % 3 == 0).sum(); }
int step6(int n) { return IntStream.range(0, n).map(x -> x * 6 + n).filter(x -> x % 3 == 0).sum(); }
int step7(int n) { return IntStream.range(0, n).map(x -> x * 7 + n).filter(x -> x % 3 == 0).sum(); }
int step8(int n) { return IntStream.range(0, n).map(x -> x * 8 + n).filter(x -> x % 3 == 0).sum(); }
int step9(int n) { return IntStream.range(0, n).map(x -> x * 9 + n).filter(x -> x % 3 == 0).sum(); }
int step10(int n) { return IntStream.range(0, n).map(x -> x * 10 + n).filter(x -> x % 3 == 0).sum(); }
int step11(int n) { return IntStream.range(0, n).map(x -> x * 11 + n).filter(x -> x % 3 == 0).sum(); }
int step12(int n) { return IntStream.range(0, n).map(x -> x * 12 + n).filter(x -> x % 3 == 0).sum(); }
int step13(int n) { return IntStream.range(0, n).map(x -> x * 13 + n).filter(x -> x % 3 == 0).sum(); }
int step14(int n) { return IntStream.range(0, n).map(x -> x * 14 + n).filter(x -> x % 3 == 0).sum(); }
int step15(int n) { return IntStream.range(0, n).map(x -> x * 15 + n).filter(x -> x % 3 == 0).sum(); }
int step16(int n) { return IntStream.range(0, n).map(x -> x * 16 + n).filter(x -> x % 3 == 0).sum(); }
int step17(int n) { return IntStream.range(0, n).map(x -> x * 17 + n).filter(x -> x % 3 == 0).sum(); }
int step18(int n) { return IntStream.range(0, n).map(x -> x * 18 + n).filter(x -> x % 3 == 0).sum(); }
int step19(int n) { return IntStream.range(0, n).map(x -> x * 19 + n).filter(x -> x % 3 == 0).sum(); }
int step20(int n) { return IntStream.range(0, n).map(x -> x * 20 + n).filter(x -> x % 3 == 0).sum(); }
int step21(int n) { return IntStream.range(0, n).map(x -> x * 21 + n).filter(x -> x % 3 == 0).sum(); }
int step22(int n) { return IntStream.range(0, n).map(x -> x * 22 + n).filter(x -> x % 3 == 0).sum(); }
int step23(int n) { return IntStream.range(0, n).map(x -> x * 23 + n).filter(x -> x % 3 == 0).sum(); }
int step24(int n) { return IntStream.range(0, n).map(x -> x * 24 + n).filter(x -> x % 3 == 0).sum(); }
int step25(int n) { return IntStream.range(0, n).map(x -> x * 25 + n).filter(x -> x % 3 == 0).sum(); }
int step26(int n) { return IntStream.range(0, n).map(x -> x * 26 + n).filter(x -> x % 3 == 0).sum(); }
int step27(int n) { return IntStream.range(0, n).map(x -> x * 27 + n).filter(x -> x % 3 == 0).sum(); }
int step28(int n) { return IntStream.range(0, n).map(x -> x * 28 + n).filter(x -> x % 3 == 0).sum(); }
int step29(int n) { return IntStream.range(0, n).map(x -> x * 29 + n).filter(x -> x % 3 == 0).sum(); }
int step30(int n) { return IntStream.range(0, n).map(x -> x * 30 + n).filter(x -> x % 3 == 0).sum(); }
int step31(int n) { return IntStream.range(0, n).map(x -> x * 31 + n).filter(x -> x % 3 == 0).sum(); }
int step32(int n) { return IntStream.range(0, n).map(x -> x * 32 + n).filter(x -> x % 3 == 0).sum(); }
int step33(int n) { return IntStream.range(0, n).map(x -> x * 33 + n).filter(x -> x % 3 == 0).sum(); }
int step34(int n) { return IntStream.range(0, n).map(x -> x * 34 + n).filter(x -> x % 3 == 0).sum(); }
int step35(int n) { return IntStream.range(0, n).map(x -> x * 35 + n).filter(x -> x % 3 == 0).sum(); }
int step36(int n) { return IntStream.range(0, n).map(x -> x * 36 + n).filter(x -> x % 3 == 0).sum(); }
int step37(int n) { return IntStream.range(0, n).map(x -> x * 37 + n).filter(x -> x % 3 == 0).sum(); }
int step38(int n) { return IntStream.range(0, n).map(x -> x * 38 + n).filter(x -> x % 3 == 0).sum(); }
int step39(int n) { return IntStream.range(0, n).map(x -> x * 39 + n).filter(x -> x % 3 == 0).sum(); }
}
END
done
mkdir out; while :; do javac -J-Xmx${HEAP:-400m} -d out src/*.java; done
