package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What an export may have beside packets; {@code with} and {@code without} of a request choose. */
public enum ExportContent {
    /** Name-resolution blocks: what addresses were called. */
    NAMES("names"),
    /** A comment on the first packet of each flow: who was at its ends. */
    FLOWS("flows"),
    /** Events of the operating system. */
    OS("os"),
    /** Events of Kubernetes. */
    KUBERNETES("kubernetes"),
    /** What a node recorded from when on, where that was not everything. */
    CAPTURE("capture"),
    /** Of events that are chosen: what was known before the window as well, and the entries of checkpoints. */
    CHECKPOINTS("checkpoints");

    private static final Set<ExportContent> NONE = Set.of();

    private final String label;

    ExportContent(String label) {
        this.label = label;
    }

    /** Name in requests and on the command line. */
    public String label() {
        return label;
    }

    /** The content of this name; another one is {@link ErrorCode#INVALID_REQUEST}. */
    public static ExportContent ofLabel(String label) {
        for (ExportContent content : values()) {
            if (content.label.equals(label)) {
                return content;
            }
        }
        throw HindsightException.ofField(
                ErrorCode.INVALID_REQUEST,
                "with",
                "\"" + label + "\" is not one of " + Arrays.stream(values()).map(ExportContent::label).toList() + ".");
    }

    /** What an export of this format has where nothing is said: everything that it can hold but checkpoints. */
    public static Set<ExportContent> defaultsOf(ExportFormat format) {
        return switch (format) {
            case PCAPNG -> unmodifiable(EnumSet.of(NAMES, FLOWS, OS, KUBERNETES, CAPTURE));
            case PCAP -> NONE;
            case NDJSON -> unmodifiable(EnumSet.of(OS, KUBERNETES, CAPTURE));
        };
    }

    /**
     * The format's defaults, more, and less.
     *
     * @throws HindsightException INVALID_REQUEST where the format cannot hold what is asked for, or the same is asked for and not
     */
    public static Set<ExportContent> chosen(
            ExportFormat format, Collection<ExportContent> with, Collection<ExportContent> without) {
        Set<ExportContent> chosen = EnumSet.noneOf(ExportContent.class);
        chosen.addAll(defaultsOf(format));
        for (ExportContent content : with) {
            requirePossible(content, format);
            if (without.contains(content)) {
                throw refused(content, "is in without too; leave one of them out");
            }
            chosen.add(content);
        }
        without.forEach(chosen::remove);
        return unmodifiable(chosen);
    }

    private static void requirePossible(ExportContent content, ExportFormat format) {
        boolean isAboutPackets = content == NAMES || content == FLOWS;
        switch (format) {
            case PCAPNG -> {
                // Holds everything.
            }
            case PCAP -> throw refused(content, "does not fit: format=pcap holds packets alone; use format=pcapng");
            case NDJSON -> {
                if (isAboutPackets) {
                    throw refused(content, "does not fit: format=ndjson holds no packets; use format=pcapng");
                }
            }
        }
    }

    private static HindsightException refused(ExportContent content, String why) {
        return HindsightException.ofField(ErrorCode.INVALID_REQUEST, "with", "with=" + content.label + " " + why + ".");
    }

    /** Whether records of this source are wanted. */
    static boolean includes(Set<ExportContent> contents, ChunkSource source) {
        return switch (source) {
            case PACKETS -> true;
            case OS -> contents.contains(OS);
            case KUBERNETES -> contents.contains(KUBERNETES);
        };
    }

    private static Set<ExportContent> unmodifiable(Set<ExportContent> contents) {
        return Collections.unmodifiableSet(contents);
    }
}
