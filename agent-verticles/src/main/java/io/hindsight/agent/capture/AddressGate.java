package io.hindsight.agent.capture;

import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link CaptureFilter} that looks at addresses, as a classic BPF program: it drops, or goes on with the program behind it.
 *
 * <p>Addresses are found by binary search, word by word, first the source, then the destination: some 5.5 instructions for a pod of both families, where libpcap's program has 24 and compares
 * one after the other. VLAN tags that are left in the packet are passed over, up to two.
 */
public final class AddressGate {
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86DD;
    private static final int ETHERTYPE_ARP = 0x0806;
    private static final int[] VLAN_TAGS = {0x8100, 0x88A8, 0x9100};
    private static final int ETHERTYPE_OFFSET = 12;
    private static final int ETHERNET_LENGTH = 14;
    private static final int VLAN_TAG_LENGTH = 4;

    /** The kernel takes the outermost out of the packet: this is for two more. */
    private static final int VLAN_TAGS_PASSED = 2;

    private static final int VERSION_BITS = 0xF0;
    private static final int VERSION_4 = 0x40;
    private static final int VERSION_6 = 0x60;
    private static final int TCP = 6;

    // IPv4 header (RFC 791).
    private static final int V4_FRAGMENT_OFFSET = 6;
    private static final int V4_FRAGMENT_BITS = 0x1FFF;
    private static final int V4_PROTOCOL_OFFSET = 9;
    private static final int V4_SOURCE_OFFSET = 12;
    private static final int V4_DESTINATION_OFFSET = 16;
    private static final int V4_LENGTH_BITS = 0x0F;

    // IPv6 header (RFC 8200).
    private static final int V6_NEXT_HEADER_OFFSET = 6;
    private static final int V6_SOURCE_OFFSET = 8;
    private static final int V6_DESTINATION_OFFSET = 24;
    private static final int V6_LENGTH = 40;

    // ARP packet for IPv4 over Ethernet (RFC 826).
    private static final int ARP_PROTOCOL_OFFSET = 2;
    private static final int ARP_SENDER_OFFSET = 14;
    private static final int ARP_TARGET_OFFSET = 24;

    private static final int DESTINATION_PORT_OFFSET = 2;

    // Words of the scratch memory.
    private static final int NETWORK_HEADER = 0;
    private static final int TRANSPORT_HEADER = 1;
    private static final int SOURCE = 2;
    private static final int DESTINATION = 3;

    /** Values that are compared one after the other at the end of a search. */
    private static final int BUCKET = 8;

    private final CaptureFilter filter;
    private final BpfAssembler assembler;
    private final int accept;
    private final int reject;

    /** Of packets that have no addresses. */
    private final int other;

    private AddressGate(CaptureFilter filter, long[] rest) {
        this.filter = filter;
        this.assembler = new BpfAssembler(rest);
        this.accept = assembler.then(ClassicBpf.LOAD_X_CONSTANT, 0, assembler.here()); // as a program finds it
        this.reject = assembler.returning(0);
        this.other = filter.only() == null ? accept : reject;
    }

    /** An address, and where to go on with a packet that has it. */
    private record Key(IpAddress address, int place) {}

    /**
     * For a socket that sees interfaces of all kinds: which one a packet has come from is read from its metadata.
     *
     * @param rest what runs for packets that pass; begins and ends as a whole program
     */
    public static long[] inFrontOf(CaptureFilter filter, long[] rest) {
        if (!filter.hasAddresses()) {
            return rest;
        }
        AddressGate gate = new AddressGate(filter, rest);
        Map<Integer, Integer> byLinkType = new HashMap<>();
        Headers headers = gate.headers();
        byLinkType.put(HardwareTypes.LINK_TYPE_ETHERNET, gate.ethernet(headers));
        byLinkType.put(HardwareTypes.LINK_TYPE_RAW, gate.raw(headers));
        return gate.assembler.program(gate.byHardwareType(byLinkType));
    }

    /** For packets of one link type, in memory: they pass or not. */
    public static long[] ofLinkType(CaptureFilter filter, int linkType) {
        AddressGate gate = new AddressGate(filter, new long[] {ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, -1)});
        return gate.assembler.program(
                switch (linkType) {
                    case HardwareTypes.LINK_TYPE_ETHERNET -> gate.ethernet(gate.headers());
                    case HardwareTypes.LINK_TYPE_RAW -> gate.raw(gate.headers());
                    default -> gate.other;
                });
    }

    private int byHardwareType(Map<Integer, Integer> byLinkType) {
        int next = other;
        for (Map.Entry<Integer, Integer> known : new TreeMap<>(HardwareTypes.known()).entrySet()) {
            Integer place = byLinkType.get(known.getValue());
            if (place != null) {
                next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, known.getKey(), place, next);
            }
        }
        return assembler.then(ClassicBpf.LOAD_WORD, ClassicBpf.HARDWARE_TYPE, next);
    }

    /** Where each kind of header is dealt with, X being its offset. */
    private record Headers(int v4, int v6, int arp) {}

    private Headers headers() {
        int v6 = v6();
        int addresses = scratchAddresses();
        int arp = arp(addresses);
        return new Headers(v4(addresses), v6, arp);
    }

    private int raw(Headers headers) {
        int next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, VERSION_6, headers.v6(), other);
        next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, VERSION_4, headers.v4(), next);
        next = assembler.then(ClassicBpf.AND, VERSION_BITS, next);
        next = assembler.then(ClassicBpf.LOAD_BYTE, 0, next);
        return assembler.then(ClassicBpf.LOAD_X_CONSTANT, 0, next);
    }

    private int ethernet(Headers headers) {
        int tagged = other;
        for (int tags = VLAN_TAGS_PASSED; tags >= 0; tags--) {
            int next = other;
            if (tags < VLAN_TAGS_PASSED) {
                for (int tag : VLAN_TAGS) {
                    next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, tag, tagged, next);
                }
            }
            next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, ETHERTYPE_ARP, headers.arp(), next);
            next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, ETHERTYPE_IPV6, headers.v6(), next);
            next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, ETHERTYPE_IPV4, headers.v4(), next);
            next = assembler.then(ClassicBpf.LOAD_HALF, ETHERTYPE_OFFSET + tags * VLAN_TAG_LENGTH, next);
            tagged = assembler.then(ClassicBpf.LOAD_X_CONSTANT, ETHERNET_LENGTH + tags * VLAN_TAG_LENGTH, next);
        }
        return tagged;
    }

    private int arp(int addresses) {
        int next = keep(ARP_SENDER_OFFSET, SOURCE, keep(ARP_TARGET_OFFSET, DESTINATION, addresses));
        next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, ETHERTYPE_IPV4, next, other);
        return assembler.then(ClassicBpf.LOAD_HALF_AT_X, ARP_PROTOCOL_OFFSET, next);
    }

    private int v4(int addresses) {
        int next = keep(V4_SOURCE_OFFSET, SOURCE, keep(V4_DESTINATION_OFFSET, DESTINATION, addresses));
        Map<Set<Integer>, List<IpAddress>> own = addressesByPorts(true);
        if (own.isEmpty()) {
            return next;
        }
        int restore = assembler.then(ClassicBpf.LOAD_X_SCRATCH, NETWORK_HEADER, next);
        int destination =
                search(own, DESTINATION_PORT_OFFSET, restore, word -> V4_DESTINATION_OFFSET, TRANSPORT_HEADER);
        destination = assembler.then(ClassicBpf.LOAD_X_SCRATCH, NETWORK_HEADER, destination);
        int source = search(own, 0, destination, word -> V4_SOURCE_OFFSET, TRANSPORT_HEADER);
        source = assembler.then(ClassicBpf.STORE, TRANSPORT_HEADER, source);
        source = assembler.then(ClassicBpf.ADD_X, 0, source);
        source = assembler.then(ClassicBpf.SHIFT_LEFT, 2, source); // the length counts words
        source = assembler.then(ClassicBpf.AND, V4_LENGTH_BITS, source);
        source = assembler.then(ClassicBpf.LOAD_BYTE_AT_X, 0, source);
        source = assembler.then(ClassicBpf.STORE_X, NETWORK_HEADER, source);
        source = assembler.test(ClassicBpf.JUMP_IF_BITS, V4_FRAGMENT_BITS, next, source);
        source = assembler.then(ClassicBpf.LOAD_HALF_AT_X, V4_FRAGMENT_OFFSET, source);
        source = assembler.test(ClassicBpf.JUMP_IF_EQUAL, TCP, source, next);
        return assembler.then(ClassicBpf.LOAD_BYTE_AT_X, V4_PROTOCOL_OFFSET, source);
    }

    private int v6() {
        int next = v6Addresses();
        Map<Set<Integer>, List<IpAddress>> own = addressesByPorts(false);
        if (own.isEmpty()) {
            return next;
        }
        int destination =
                search(
                        own,
                        V6_LENGTH + DESTINATION_PORT_OFFSET,
                        next,
                        word -> V6_DESTINATION_OFFSET + word * Integer.BYTES,
                        null);
        int source = search(own, V6_LENGTH, destination, word -> V6_SOURCE_OFFSET + word * Integer.BYTES, null);
        source = assembler.test(ClassicBpf.JUMP_IF_EQUAL, TCP, source, next);
        return assembler.then(ClassicBpf.LOAD_BYTE_AT_X, V6_NEXT_HEADER_OFFSET, source);
    }

    private Map<Set<Integer>, List<IpAddress>> addressesByPorts(boolean v4) {
        SortedMap<IpAddress, Set<Integer>> ports = new TreeMap<>();
        for (TcpEndpoint endpoint : filter.own()) {
            if (endpoint.address().isV4() == v4) {
                ports.computeIfAbsent(endpoint.address(), address -> new TreeSet<>()).add(endpoint.port());
            }
        }
        Map<Set<Integer>, List<IpAddress>> byPorts = new HashMap<>();
        ports.forEach((address, of) -> byPorts.computeIfAbsent(of, set -> new ArrayList<>()).add(address));
        return byPorts;
    }

    /**
     * Rejects what has one of these addresses and one of its ports.
     *
     * @param port its offset from X, or from where the word of scratch memory says
     */
    private int search(
            Map<Set<Integer>, List<IpAddress>> own,
            int port,
            int miss,
            IntUnaryOperator offsetOfWord,
            @Nullable Integer transport) {
        List<Key> keys = new ArrayList<>();
        own.forEach((ports, addresses) -> {
            int place = ports(ports, port, miss, transport);
            addresses.forEach(address -> keys.add(new Key(address, place)));
        });
        return search(keys, miss, offsetOfWord);
    }

    private int ports(Set<Integer> ports, int offset, int miss, @Nullable Integer transport) {
        int place = miss;
        for (int port : ports) {
            place = assembler.test(ClassicBpf.JUMP_IF_EQUAL, port, reject, place);
        }
        place = assembler.then(ClassicBpf.LOAD_HALF_AT_X, offset, place);
        return transport == null ? place : assembler.then(ClassicBpf.LOAD_X_SCRATCH, transport, place);
    }

    private int keep(int offset, int word, int next) {
        return assembler.then(ClassicBpf.LOAD_WORD_AT_X, offset, assembler.then(ClassicBpf.STORE, word, next));
    }

    /** IPv4 and ARP have left their addresses in the scratch memory. */
    private int scratchAddresses() {
        int next = accept;
        Set<IpAddress> only = filter.only();
        if (only != null) {
            List<Key> keys = keys(only, true, accept);
            next = scratch(keys, SOURCE, scratch(keys, DESTINATION, reject));
        }
        List<Key> excepted = keys(filter.except(), true, reject);
        return scratch(excepted, SOURCE, scratch(excepted, DESTINATION, next));
    }

    private int scratch(List<Key> keys, int word, int miss) {
        return keys.isEmpty()
                ? miss
                : assembler.then(ClassicBpf.LOAD_SCRATCH, word, among(keys, 0, miss, offset -> offset));
    }

    private int v6Addresses() {
        int next = accept;
        Set<IpAddress> only = filter.only();
        if (only != null) {
            List<Key> keys = keys(only, false, accept);
            next = v6(keys, V6_SOURCE_OFFSET, v6(keys, V6_DESTINATION_OFFSET, reject));
        }
        List<Key> excepted = keys(filter.except(), false, reject);
        return v6(excepted, V6_SOURCE_OFFSET, v6(excepted, V6_DESTINATION_OFFSET, next));
    }

    private int v6(List<Key> keys, int offset, int miss) {
        return search(keys, miss, word -> offset + word * Integer.BYTES);
    }

    private static List<Key> keys(Collection<IpAddress> addresses, boolean v4, int place) {
        return addresses.stream()
                .filter(address -> address.isV4() == v4)
                .map(address -> new Key(address, place))
                .toList();
    }

    private int search(List<Key> keys, int miss, IntUnaryOperator offsetOfWord) {
        return keys.isEmpty()
                ? miss
                : assembler.then(
                        ClassicBpf.LOAD_WORD_AT_X, offsetOfWord.applyAsInt(0), among(keys, 0, miss, offsetOfWord));
    }

    /** A has this word of the address. */
    private int among(List<Key> keys, int word, int miss, IntUnaryOperator offsetOfWord) {
        SortedMap<Integer, List<Key>> byValue = new TreeMap<>(Integer::compareUnsigned);
        for (Key key : keys) {
            byValue.computeIfAbsent(key.address().word(word), value -> new ArrayList<>()).add(key);
        }
        int[] values = new int[byValue.size()];
        int[] places = new int[byValue.size()];
        int count = 0;
        for (Map.Entry<Integer, List<Key>> each : byValue.entrySet()) {
            values[count] = each.getKey();
            places[count++] = next(each.getValue(), word + 1, miss, offsetOfWord);
        }
        return tree(values, places, 0, count, miss);
    }

    private int next(List<Key> keys, int word, int miss, IntUnaryOperator offsetOfWord) {
        Key first = keys.getFirst();
        return word == first.address().wordCount()
                ? first.place()
                : assembler.then(
                        ClassicBpf.LOAD_WORD_AT_X,
                        offsetOfWord.applyAsInt(word),
                        among(keys, word, miss, offsetOfWord));
    }

    private int tree(int[] values, int[] places, int from, int to, int miss) {
        if (to - from > BUCKET) {
            int middle = (from + to) >>> 1;
            int upper = tree(values, places, middle, to, miss);
            int lower = tree(values, places, from, middle, miss);
            return assembler.test(ClassicBpf.JUMP_IF_AT_LEAST, values[middle], upper, lower);
        }
        int next = assembler.within(miss, 1);
        Map<Integer, Integer> near = new HashMap<>();
        for (int i = from; i < to; i++) {
            near.computeIfAbsent(places[i], place -> assembler.within(place, 3 * BUCKET));
        }
        for (int i = to - 1; i >= from; i--) {
            next = assembler.test(ClassicBpf.JUMP_IF_EQUAL, values[i], near.getOrDefault(places[i], miss), next);
        }
        return next;
    }
}
