package io.hindsight.simulation;

public final class SimulationMain {
    public static void main(String[] a) {
        for (String l : new String[] {"ROOT","io.hindsight","io.vertx"}) ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger(l)).setLevel(ch.qos.logback.classic.Level.toLevel(System.getProperty("lvl","OFF")));
        long from = Long.parseLong(a[0]), n = Long.parseLong(a[1]);
        int bad = 0; long sealed = 0, packets = 0; long h = 0; long t0 = System.nanoTime();
        java.util.TreeMap<String,Integer> kinds = new java.util.TreeMap<>();
        for (long s = from; s < from + n; s++) {
            Schedule.Outcome o = Schedule.run(s);
            h = h * 31 + o.trace(); sealed += o.sealed(); packets += o.packets();
            if (Boolean.getBoolean("each")) System.out.println(s + " " + o.trace()+" "+o.sealed()+" "+o.packets());
            if (o.broken() != null) {
                String k = o.broken() instanceof InvariantBroken b ? b.invariant() : o.broken().toString();
                kinds.merge(k, 1, Integer::sum);
                if (bad++ < Integer.getInteger("show", 1)) { System.out.println(o.report()); if (!(o.broken() instanceof InvariantBroken) || o.broken().getCause() != null) o.broken().printStackTrace(System.out); }
                else System.out.println(s+" "+k);
            }
        }
        System.out.printf("n=%d bad=%d %s sealed=%d packets=%d hash=%x ms=%d%n", n, bad, kinds, sealed, packets, h, (System.nanoTime()-t0)/1_000_000);
        System.exit(0);
    }
}
