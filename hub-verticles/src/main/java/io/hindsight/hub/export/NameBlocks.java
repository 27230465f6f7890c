package io.hindsight.hub.export;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.pcapng.NameResolutionBlock;
import io.hindsight.pcapng.ResolvedName;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What addresses were called during a window, as Name Resolution Blocks: pods {@code name.namespace}, services {@code name.namespace.svc}, nodes by their
 * name. Wireshark shows one name for an address, whenever the packet was; of several holders it is the one that had the address longest. pcapng takes the
 * first name for the primary one, Wireshark 4.0 shows the last: so where there are several, that one stands at both places.
 *
 * @param blocks whole blocks
 * @param addresses that have names in them
 * @param leftOut addresses beyond {@link #MAX_ADDRESSES}
 */
record NameBlocks(List<byte[]> blocks, int addresses, long leftOut) {
    /** Addresses that are named. */
    static final int MAX_ADDRESSES = 32_768;

    /** Names of one address. */
    static final int MAX_NAMES = 16;

    /** Characters of a name: Wireshark keeps 64, DNS 253. */
    static final int MAX_NAME_LENGTH = 253;

    /** No names. */
    static final NameBlocks NONE = new NameBlocks(List.of(), 0, 0);

    private static final int ADDRESSES_OF_BLOCK = 256;
    private static final Pattern NOT_OF_A_NAME = Pattern.compile("[^A-Za-z0-9._:-]");

    /** A name and how long it was right. */
    private record Held(String name, long durationNs, boolean isNode) {
        /** A node before the pods that share its address for as long. */
        static final Comparator<Held> LONGEST_FIRST =
                Comparator.comparingLong(Held::durationNs)
                        .reversed()
                        .thenComparing(held -> !held.isNode())
                        .thenComparing(Held::name);
    }

    /** An address as a key. */
    private record Address(long high, long low) {}

    static NameBlocks of(Resolution resolution, TimeWindow window) {
        Map<Address, Map<String, Held>> byAddress = new LinkedHashMap<>();
        Set<Address> leftOut = new HashSet<>();
        for (AddressInterval each : resolution.addresses()) {
            TimeWindow valid = each.holder().valid();
            Address address = new Address(IpAddress.high(each.address()), IpAddress.low(each.address()));
            if (!window.overlaps(valid.fromNs(), valid.toNs() - 1)) {
                continue;
            }
            if (byAddress.size() < MAX_ADDRESSES || byAddress.containsKey(address)) {
                byAddress
                        .computeIfAbsent(address, added -> new LinkedHashMap<>())
                        .merge(name(each.holder()), held(each.holder(), window), NameBlocks::longer);
            } else {
                leftOut.add(address);
            }
        }
        return new NameBlocks(blocks(byAddress), byAddress.size(), leftOut.size());
    }

    private static Held held(Holder holder, TimeWindow window) {
        TimeWindow valid = holder.valid();
        long fromNs = Math.max(valid.fromNs(), window.fromNs());
        long toNs = Math.min(valid.toNs(), window.toNs());
        return new Held(name(holder), toNs - fromNs, "Node".equals(holder.type()));
    }

    private static Held longer(Held one, Held other) {
        return new Held(one.name(), one.durationNs() + other.durationNs(), one.isNode() || other.isNode());
    }

    /** How Wireshark shows it: as names in DNS are read, the most special part first. */
    static String name(Holder holder) {
        String namespace = holder.namespace() == null ? "" : "." + holder.namespace();
        String type = "Service".equals(holder.type()) ? ".svc" : "";
        String name = NOT_OF_A_NAME.matcher(holder.name() + namespace + type).replaceAll("_");
        return name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH);
    }

    private static List<byte[]> blocks(Map<Address, Map<String, Held>> byAddress) {
        List<byte[]> blocks = new ArrayList<>();
        List<ResolvedName> names = new ArrayList<>();
        byAddress.forEach((address, held) -> {
            names.add(new ResolvedName(inetAddress(address), ordered(held)));
            if (names.size() == ADDRESSES_OF_BLOCK) {
                blocks.add(NameResolutionBlock.encode(names));
                names.clear();
            }
        });
        if (!names.isEmpty()) {
            blocks.add(NameResolutionBlock.encode(names));
        }
        return blocks;
    }

    private static InetAddress inetAddress(Address address) {
        return IpAddress.of(address.high(), address.low());
    }

    private static List<String> ordered(Map<String, Held> held) {
        List<String> names =
                held.values().stream().sorted(Held.LONGEST_FIRST).limit(MAX_NAMES).map(Held::name).toList();
        if (names.size() == 1) {
            return names;
        }
        List<String> shownTwice = new ArrayList<>(names);
        shownTwice.add(names.getFirst());
        return shownTwice;
    }
}
