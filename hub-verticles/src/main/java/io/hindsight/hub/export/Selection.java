package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a {@link MeaningFilter} means in one snapshot: which addresses count from when until when, and which objects. A service is its own addresses and
 * those of the pods that its selector matched. Immutable.
 */
final class Selection {
    private static final String POD = "Pod";
    private static final String SERVICE = "Service";
    private static final String NAMESPACE = "Namespace";

    /** Bytes of a command that the kernel keeps. */
    private static final int COMMAND_LENGTH = 15;

    /** Names that a refusal mentions. */
    private static final int EXAMPLES = 10;

    private final MeaningFilter filter;
    private final Resolution resolution;

    private final Map<String, Set<Map<String, String>>> selectors;
    private final AddressIntervals addresses;
    private final Set<ObjectName> objects = new HashSet<>();

    /** An object of Kubernetes; the namespace is empty where it belongs to none. */
    record ObjectName(String kind, String namespace, String name) {}

    /**
     * @param selectors of the chosen services, by namespace ({@link ServiceSelectors})
     * @throws HindsightException INVALID_REQUEST naming the parameter, where nothing of a name was known
     */
    Selection(MeaningFilter filter, Resolution resolution, Map<String, Set<Map<String, String>>> selectors) {
        this.filter = filter;
        this.resolution = resolution;
        this.selectors = selectors;
        requireKnown();
        this.addresses =
                AddressIntervals.of(resolution.addresses().stream().filter(each -> isChosen(each.holder())).toList());
        resolution.workloads().stream().filter(this::isChosen).forEach(this::addObject);
    }

    private void addObject(Holder holder) {
        objects.add(new ObjectName(holder.type(), namespace(holder), holder.name()));
        Owner owner = holder.owner();
        if (owner != null) {
            objects.add(new ObjectName(owner.kind(), namespace(holder), owner.name()));
        }
    }

    private boolean isChosen(Holder holder) {
        return filter.choosesHolders()
                && isInNamespace(holder)
                && (filter.pods().isEmpty() || (POD.equals(holder.type()) && isNamed(holder, filter.pods())))
                && (filter.labels().isEmpty() || filter.labels().stream().anyMatch(label -> hasLabel(holder, label)))
                && (filter.services().isEmpty() || isOfService(holder));
    }

    private boolean isInNamespace(Holder holder) {
        return filter.namespaces().isEmpty()
                || filter.namespaces().contains(namespace(holder))
                || (NAMESPACE.equals(holder.type()) && filter.namespaces().contains(holder.name()));
    }

    private boolean isOfService(Holder holder) {
        if (isService(holder)) {
            return isNamed(holder, filter.services());
        }
        return POD.equals(holder.type())
                && selectors.getOrDefault(namespace(holder), Set.of()).stream()
                        .anyMatch(selector -> holder.labels().entrySet().containsAll(selector.entrySet()));
    }

    private static boolean isService(Holder holder) {
        return SERVICE.equals(holder.type());
    }

    private static boolean isNamed(Holder holder, List<String> names) {
        return names.contains(holder.name()) || names.contains(holder.qualifiedName());
    }

    private static boolean hasLabel(Holder holder, String label) {
        int equals = label.indexOf('=');
        return equals < 0
                ? holder.labels().containsKey(label)
                : label.substring(equals + 1).equals(holder.labels().get(label.substring(0, equals)));
    }

    private static String namespace(Holder holder) {
        return holder.namespace() == null ? "" : holder.namespace();
    }

    // A name that nothing had is a slip of the pen more often than not: an empty file would not say so.
    private void requireKnown() {
        if (!filter.isEmpty() && resolution.isEmpty()) {
            throw new HindsightException(
                    ErrorCode.INVALID_REQUEST,
                    "The snapshot holds no events by which names could be known: it cannot be filtered by "
                            + filter.text()
                            + ". Filter by bpf, nodes and time.");
        }
        requireEach("namespace", filter.namespaces(), name -> holder -> hasNamespace(holder, name));
        requireEach(
                "pod", filter.pods(), name -> holder -> POD.equals(holder.type()) && isNamed(holder, List.of(name)));
        requireEach("label", filter.labels(), label -> holder -> hasLabel(holder, label));
        requireEach(
                "service", filter.services(), name -> holder -> isService(holder) && isNamed(holder, List.of(name)));
    }

    private static boolean hasNamespace(Holder holder, String name) {
        return name.equals(holder.namespace()) || (NAMESPACE.equals(holder.type()) && name.equals(holder.name()));
    }

    private void requireEach(String kind, List<String> names, Function<String, Predicate<Holder>> test) {
        for (String name : names) {
            if (resolution.workloads().stream().noneMatch(test.apply(name))) {
                throw HindsightException.ofField(
                        ErrorCode.INVALID_REQUEST,
                        kind,
                        "The snapshot knows of no " + kind + " \"" + name + "\" in its window" + examples(kind) + ".");
            }
        }
    }

    private String examples(String kind) {
        List<String> known =
                resolution.workloads().stream()
                        .flatMap(holder -> names(kind, holder).stream())
                        .distinct()
                        .sorted()
                        .toList();
        String some = String.join(", ", known.subList(0, Math.min(EXAMPLES, known.size())));
        return known.isEmpty()
                ? ""
                : "; it knows " + known.size() + ": " + some + (known.size() > EXAMPLES ? ", …" : "");
    }

    private static List<String> names(String kind, Holder holder) {
        return switch (kind) {
            case "namespace" -> holder.namespace() == null ? List.of() : List.of(holder.namespace());
            case "label" ->
                    holder.labels().entrySet().stream().map(label -> label.getKey() + "=" + label.getValue()).toList();
            default -> kind.equalsIgnoreCase(holder.type()) ? List.of(holder.qualifiedName()) : List.of();
        };
    }

    MeaningFilter filter() {
        return filter;
    }

    /** Addresses of chosen holders. */
    AddressIntervals addresses() {
        return addresses;
    }

    /** Whether the object is chosen. One that is gone, or not yet there, is still meant by its name. */
    boolean isChosen(ObjectName object) {
        if (filter.choosesNamespacesAlone()) {
            boolean isNamespace = NAMESPACE.equals(object.kind()) && filter.namespaces().contains(object.name());
            return isNamespace || filter.namespaces().contains(object.namespace());
        }
        return objects.contains(object);
    }

    /** Whether the container's pod is. */
    boolean isChosen(ContainerInfo container) {
        String namespace = container.namespace() == null ? "" : container.namespace();
        return filter.choosesHolders()
                && container.pod() != null
                && isChosen(new ObjectName(POD, namespace, container.pod()));
    }

    /** Whether the process is. */
    boolean isChosen(SocketOwner owner) {
        return isChosen(owner.pid(), owner.command());
    }

    /** Whether the process is. */
    boolean isChosen(ProcessInfo process) {
        return isChosen(process.pid(), process.command());
    }

    private boolean isChosen(int pid, String command) {
        return filter.processes().stream().anyMatch(process -> isProcess(process, pid, command));
    }

    static boolean isProcess(String process, int pid, String command) {
        return process.startsWith(MeaningFilter.PID_PREFIX)
                ? Integer.parseInt(process.substring(MeaningFilter.PID_PREFIX.length())) == pid
                : kept(process).equals(command);
    }

    private static String kept(String command) {
        byte[] bytes = command.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= COMMAND_LENGTH ? command : new String(bytes, 0, COMMAND_LENGTH, StandardCharsets.UTF_8);
    }
}
