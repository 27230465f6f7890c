package io.hindsight.simulation;

/** Prints the traces of seeds, one a line: in a process of its own, where hash codes and the order of immutable maps are others. */
final class TraceProgram {
    private TraceProgram() {}

    public static void main(String[] seeds) {
        new QuietLogs().silence();
        for (String seed : seeds) {
            System.out.println(seed + "=" + Schedule.run(Long.parseLong(seed)).trace());
        }
    }
}
