package io.hindsight.agent.os.proc;

import org.jspecify.annotations.Nullable;

/**
 * The container that a cgroup path names.
 *
 * @param id 64 hexadecimal digits
 * @param runtime {@code containerd}, {@code crio}, {@code docker}; absent where the path does not tell
 * @param podUid of the pod around it; absent where there is none
 */
public record ContainerPath(String id, @Nullable String runtime, @Nullable String podUid) {}
