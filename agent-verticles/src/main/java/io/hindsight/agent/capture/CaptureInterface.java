package io.hindsight.agent.capture;

/**
 * A network interface as the recorder knows it. Identity counts: a source makes one instance for each interface and keeps handing out the
 * same one; an interface that was deleted and made again, or changed its link type, is a new one. Immutable.
 *
 * @param id small number from 0, unique in this source for the process's life: an index into arrays
 * @param name as the kernel has it, for example {@code eth0}
 * @param kernelIndex {@code ifindex}, 0 where there is none (replay)
 * @param linkType LINKTYPE_ value (tcpdump.org/linktypes.html)
 * @param snapLength bytes kept of each packet, 0: all
 * @param filter the BPF expression of the setting {@code capture-filter}, which is always in force; empty: none. What the capture policy takes out beside it changes while packets
 *     come, and is told with each snapshot ({@link io.hindsight.api.CaptureChange})
 */
public record CaptureInterface(int id, String name, int kernelIndex, int linkType, int snapLength, String filter) {}
