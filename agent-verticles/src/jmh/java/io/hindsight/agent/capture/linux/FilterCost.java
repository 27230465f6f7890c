package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.IpAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A capture socket that accepts nothing, for scripts/filter-cost.sh: each line of standard input is a number of pods, with an address of both families each, that alone would be recorded.
 */
public final class FilterCost {
    private static final int SNAP_LENGTH = 262_144;

    private FilterCost() {}

    public static void main(String[] arguments) throws IOException {
        LinkTable table = new LinkTable(new InterfaceSelection(List.of("any")), 0, "");
        try (PacketSocket socket = PacketSocket.open(2L * PacketSocket.BLOCK_SIZE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            socket.attach(program(table, 0));
            socket.bind(0);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                CaptureFilterProgram next = program(table, Integer.parseInt(line.strip()));
                boolean attached = socket.attach(next);
                say("pods=" + line.strip() + " instructions=" + next.instructionCount() + " attached=" + attached);
            }
        }
    }

    private static CaptureFilterProgram program(LinkTable table, int pods) {
        Set<IpAddress> addresses = new HashSet<>();
        for (int i = 0; i < pods; i++) {
            addresses.add(new IpAddress(0, 0x0AF4_0001L + i, true));
            addresses.add(new IpAddress(0xFD00_0010_0244_0000L, 1L + i, false));
        }
        return CaptureFilterProgram.ofSnapLength(
                table.selected(), true, SNAP_LENGTH, new CaptureFilter("", "", addresses, Set.of(), Set.of()));
    }

    private static void say(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
    }
}
