package io.hindsight.hub.store;

import io.hindsight.chunk.NodeId;
import java.util.regex.Pattern;

/** Names within the snapshot volume. */
final class FileNames {
    static final String BUILDING_SUFFIX = ".building";
    static final String DELETED_SUFFIX = ".deleted";
    static final String DATA_SUFFIX = ".pcapng";
    static final String INDEX_SUFFIX = ".index";

    /** A file name has 255 bytes at most; a longer node name is cut and told apart by its hash. */
    private static final int MAX_STEM_LENGTH = 220;

    private static final int KEPT_LENGTH = 200;
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern MADE_HERE = Pattern.compile("\\d{8}-\\d{6}-[a-z2-7]{6}");
    private static final Pattern HIDDEN = Pattern.compile("\\.[a-z0-9][a-z0-9-]{0,63}(\\.building|\\.deleted)");

    private FileNames() {}

    static boolean isId(String name) {
        return ID.matcher(name).matches();
    }

    /** Whether it looks like the ids that this Hub gives. */
    static boolean isMadeHere(String name) {
        return MADE_HERE.matcher(name).matches();
    }

    /** Whether it is a folder that was never sealed, or whose deletion was never finished. */
    static boolean isUnfinished(String name) {
        return HIDDEN.matcher(name).matches();
    }

    static String building(String id) {
        return "." + id + BUILDING_SUFFIX;
    }

    static String deleted(String id) {
        return "." + id + DELETED_SUFFIX;
    }

    static String data(NodeId node) {
        return stem(node) + DATA_SUFFIX;
    }

    static String index(NodeId node) {
        return stem(node) + INDEX_SUFFIX;
    }

    private static String stem(NodeId node) {
        String name = node.name();
        return name.length() <= MAX_STEM_LENGTH
                ? name
                : name.substring(0, KEPT_LENGTH) + "-" + Long.toHexString(node.hash());
    }
}
