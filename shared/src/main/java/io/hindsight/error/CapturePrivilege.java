package io.hindsight.error;

import java.io.IOException;
import java.nio.file.Path;

/** The privilege to record packets, in words that somebody can paste into a shell. */
public final class CapturePrivilege {
    private CapturePrivilege() {}

    /**
     * The line that grants it to this JDK. The loader ignores the folder in which a program with file capabilities lies, so the JDK's own
     * libraries have to be made known to it as well: without the second part, {@code java} does not start at all any more.
     */
    public static String grantingLine() {
        Path java = javaBinary();
        Path libraries = java.resolveSibling("../lib").normalize();
        return "sudo setcap cap_net_raw,cap_net_admin+ep "
                + java
                + " && echo "
                + libraries
                + " | sudo tee /etc/ld.so.conf.d/hindsight-jdk.conf && sudo ldconfig";
    }

    /** Without links: {@code setcap} does not follow them. */
    private static Path javaBinary() {
        Path link = Path.of(System.getProperty("java.home"), "bin", "java");
        try {
            return link.toRealPath();
        } catch (IOException absent) {
            return link; // an image without a launcher: the name is the best there is
        }
    }
}
