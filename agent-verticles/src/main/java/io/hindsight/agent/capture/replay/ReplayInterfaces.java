package io.hindsight.agent.capture.replay;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Makes the interfaces of a file known. {@link #all()} may be read by any thread. */
final class ReplayInterfaces {
    private final InterfaceSelection selection;
    private final int snapLength;
    private final String filter;
    private final List<CaptureInterface> interfaces = new CopyOnWriteArrayList<>();

    ReplayInterfaces(InterfaceSelection selection, int snapLength, String filter) {
        this.selection = selection;
        this.snapLength = snapLength;
        this.filter = filter;
    }

    /**
     * An interface of the file: the same one for the same name and link type, so that a file of many sections makes no new interface
     * with each; null where it is not recorded from. One that the file does not name is recorded from in any case.
     */
    @Nullable CaptureInterface of(String name, int linkType) {
        if (!name.isEmpty() && !selection.matches(name)) {
            return null;
        }
        String known = name.isEmpty() ? "replay" : name;
        for (CaptureInterface each : interfaces) {
            if (each.name().equals(known) && each.linkType() == linkType) {
                return each;
            }
        }
        CaptureInterface added = new CaptureInterface(interfaces.size(), known, 0, linkType, snapLength, filter);
        interfaces.add(added);
        return added;
    }

    List<CaptureInterface> all() {
        return List.copyOf(interfaces);
    }
}
