package io.hindsight.system;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The profile that Debian's container runtimes use by default, as it is for a set of capabilities. */
final class SeccompProfile {
    private static final Path FILE = Path.of("/usr/share/containers/seccomp.json");

    /** What newer profiles open to CAP_BPF and CAP_PERFMON; this one, of 2022, to CAP_SYS_ADMIN alone. */
    private static final Set<String> EBPF = Set.of("bpf", "perf_event_open");

    private SeccompProfile() {}

    /** As the runtime wants it. */
    static JsonObject of(List<String> capabilities) throws IOException {
        JsonObject profile = new JsonObject(Files.readString(FILE));
        JsonArray rules = new JsonArray();
        for (int i = 0; i < profile.getJsonArray("syscalls").size(); i++) {
            JsonObject rule = profile.getJsonArray("syscalls").getJsonObject(i);
            if (applies(rule, capabilities)) {
                rules.add(plain(rule));
            }
        }
        if (capabilities.containsAll(List.of("CAP_BPF", "CAP_PERFMON"))) {
            rules.add(new JsonObject().put("names", List.copyOf(EBPF)).put("action", "SCMP_ACT_ALLOW"));
        }
        return new JsonObject().put("defaultAction", profile.getString("defaultAction")).put("syscalls", rules);
    }

    private static boolean applies(JsonObject rule, List<String> capabilities) {
        JsonObject includes = rule.getJsonObject("includes", new JsonObject());
        JsonObject excludes = rule.getJsonObject("excludes", new JsonObject());
        List<?> needed = includes.getJsonArray("caps", new JsonArray()).getList();
        List<?> without = excludes.getJsonArray("caps", new JsonArray()).getList();
        boolean here = !includes.containsKey("arches") || includes.getJsonArray("arches").contains(architecture());
        return here && capabilities.containsAll(needed) && without.stream().noneMatch(capabilities::contains);
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static JsonObject plain(JsonObject rule) {
        JsonArray names = new JsonArray();
        boolean allows = rule.getString("action").equals("SCMP_ACT_ALLOW");
        rule.getJsonArray("names").stream()
                .filter(name -> allows || !EBPF.contains(name.toString()))
                .forEach(names::add);
        JsonObject plain = new JsonObject().put("names", names).put("action", rule.getString("action"));
        if (!rule.getJsonArray("args", new JsonArray()).isEmpty()) {
            plain.put("args", rule.getJsonArray("args"));
        }
        if (rule.containsKey("errnoRet")) {
            plain.put("errnoRet", rule.getInteger("errnoRet"));
        }
        return plain;
    }
}
