/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Processes and TCP connections of a node, for its flight recorder. Raw tracepoints where there is one, because they need no tracefs and are
 * given pointers; a system call's end has none, so the two accepts are plain tracepoints.
 *
 * Who owns a socket is learnt where a process acts on it: connect(2) and listen(2) change its state, accept(2) returns it. Every other change of
 * state may happen in a softirq, on top of whatever runs; on loopback the server's changes happen within the client's system calls. So a change of
 * state never says who did it: it looks up who was remembered.
 */
#include "kernel.h"
#include "records.h"

const char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Which sources and compiler this object is of. The kernel sees neither. */
const char sources[] SEC("hindsight.sources") = "hindsight-sources-sha256=" SOURCES_SHA256;
const char compiler[] SEC("hindsight.compiler") = "hindsight-compiler=" COMPILER;

const volatile struct settings settings SEC(".rodata.settings") = {};
struct state state = {};

/* The agent sets its size. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct owner {
	struct process process;
	u64 connecting; /* connect(2) was called, and its end not told yet */
};

/* By the socket's address. Bounded: where more sockets are open, those unused for longest lose their owner, and are told without. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct owner);
} owners SEC(".maps");

struct ended {
	u64 started_ns;
	u64 pid;
};

/* Processes with several threads whose end was told a moment ago. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct ended);
	__type(value, u64);
} ends SEC(".maps");

static __always_inline struct counters *own_counters(void)
{
	return &state.counters[bpf_get_smp_processor_id() & (COUNTER_SLOTS - 1)];
}

/*
 * A token bucket that is told in time: each event pays for one interval, and the bucket is empty when everything up to now is paid for. The
 * payment is an atomic addition, so that none is lost between processors; two that look at the same time may both pass, which a burst allows
 * for. A compare-and-swap would do better, but needs kernel 5.12.
 */
static __always_inline int within_rate(enum kind kind)
{
	u64 interval = settings.interval_ns[kind];
	if (interval == 0)
		return 1;
	volatile u64 *paid_until = &state.paid_until_ns[kind];
	u64 now = bpf_ktime_get_boot_ns();
	u64 oldest = now - settings.burst_ns[kind];
	u64 until = *paid_until;
	if ((__s64)(until - oldest) < 0) {
		*paid_until = oldest;
		until = oldest;
	}
	if ((__s64)(until + interval - now) > 0)
		return 0;
	__sync_fetch_and_add(&state.paid_until_ns[kind], interval);
	return 1;
}

/* Counts the event; whether it is to be told. */
static __always_inline int admit(enum kind kind)
{
	struct counters *counters = own_counters();
	__sync_fetch_and_add(&counters->produced[kind], 1);
	if (within_rate(kind))
		return 1;
	__sync_fetch_and_add(&counters->rate_limited[kind], 1);
	return 0;
}

static __always_inline void count_full(enum kind kind)
{
	__sync_fetch_and_add(&own_counters()->ring_full[kind], 1);
}

static __always_inline void describe(struct process *process, struct task_struct *task)
{
	process->started_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	process->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	process->pid = BPF_CORE_READ(task, tgid);
	process->tid = BPF_CORE_READ(task, pid);
	process->parent_pid = BPF_CORE_READ(task, real_parent, tgid);
	process->uid = BPF_CORE_READ(task, real_cred, uid.val);
	BPF_CORE_READ_INTO(&process->command, task, comm);
}

static __always_inline void begin(struct record *record, enum kind kind, u32 detail)
{
	record->time_ns = bpf_ktime_get_boot_ns();
	record->kind = kind;
	record->detail = detail;
}

static __always_inline void tell_process(enum kind kind, u32 detail, struct task_struct *task)
{
	if (!admit(kind))
		return;
	struct record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count_full(kind);
		return;
	}
	begin(record, kind, detail);
	describe(&record->process, task);
	bpf_ringbuf_submit(record, 0);
}

SEC("raw_tracepoint/sched_process_fork")
int process_fork(struct raw_arguments *arguments)
{
	struct task_struct *child = (void *)arguments->values[1];
	if (BPF_CORE_READ(child, pid) == BPF_CORE_READ(child, tgid)) /* else it is a thread */
		tell_process(FORK, 0, child);
	return 0;
}

#define TELL_EXEC(type)                                                                  \
	static __always_inline void tell_##type(struct task_struct *task, u64 from, u32 bytes) \
	{                                                                                \
		struct type *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);  \
		if (!record) {                                                           \
			count_full(EXEC);                                                \
			return;                                                          \
		}                                                                        \
		begin(&record->head, EXEC, 0);                                           \
		describe(&record->head.process, task);                                   \
		u64 copied = bytes;                                                      \
		/* The verifier follows a bound only in the register that is compared. */ \
		asm volatile("" : "+r"(copied));                                         \
		if (copied > sizeof(record->arguments))                                  \
			copied = sizeof(record->arguments);                              \
		record->argument_bytes = bytes;                                          \
		if (bpf_probe_read_user(record->arguments, copied, (void *)from) != 0)   \
			copied = 0;                                                      \
		record->copied_bytes = copied;                                           \
		bpf_ringbuf_submit(record, 0);                                           \
	}
TELL_EXEC(exec_record)
TELL_EXEC(long_exec_record)
TELL_EXEC(longest_exec_record)

SEC("raw_tracepoint/sched_process_exec")
int process_exec(struct raw_arguments *arguments)
{
	struct task_struct *task = (void *)arguments->values[0];
	if (!admit(EXEC))
		return 0;
	u64 from = BPF_CORE_READ(task, mm, arg_start);
	u32 bytes = BPF_CORE_READ(task, mm, arg_end) - from; /* the kernel allows at most 6 MiB */
	if (bytes <= sizeof(((struct exec_record *)0)->arguments))
		tell_exec_record(task, from, bytes);
	else if (bytes <= sizeof(((struct long_exec_record *)0)->arguments))
		tell_long_exec_record(task, from, bytes);
	else
		tell_longest_exec_record(task, from, bytes);
	return 0;
}

/*
 * Each thread that ends comes here after it has counted itself out, so that several may find that none is left: the first of them tells.
 */
static __always_inline int is_first_to_tell(struct task_struct *task, struct signal_struct *signal)
{
	if (BPF_CORE_READ(signal, nr_threads) <= 1)
		return 1;
	struct ended key = {
		.started_ns = BPF_CORE_READ(task, group_leader, start_boottime),
		.pid = BPF_CORE_READ(task, tgid),
	};
	u64 value = 0;
	return bpf_map_update_elem(&ends, &key, &value, BPF_NOEXIST) == 0;
}

SEC("raw_tracepoint/sched_process_exit")
int process_exit(struct raw_arguments *arguments)
{
	struct task_struct *task = (void *)arguments->values[0];
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	if (BPF_CORE_READ(signal, live.counter) != 0 || !is_first_to_tell(task, signal))
		return 0;
	/* As wait_task_zombie() in kernel/exit.c. */
	u32 status = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ?
			     BPF_CORE_READ(signal, group_exit_code) :
			     BPF_CORE_READ(task, group_leader, exit_code);
	tell_process(EXIT, status, task);
	return 0;
}

/* Runs in the process that wanted memory; the victim is the argument: since kernel 6.8 the task, before it its number. */
SEC("raw_tracepoint/mark_victim")
int oom_kill(struct raw_arguments *arguments)
{
	u64 victim = arguments->values[0];
	if (victim > PID_MAX_LIMIT) {
		tell_process(OOM_KILL, SIGKILL, (void *)victim);
		return 0;
	}
	if (!admit(OOM_KILL))
		return 0;
	struct record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count_full(OOM_KILL);
		return 0;
	}
	__builtin_memset(record, 0, sizeof(*record));
	begin(record, OOM_KILL, SIGKILL);
	record->process.pid = victim;
	record->process.tid = victim;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __always_inline void tell_socket(enum kind kind, const struct sock *sk, u8 old_state, u8 state, const struct process *process)
{
	if (!admit(kind))
		return;
	struct socket_record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count_full(kind);
		return;
	}
	__builtin_memset(record, 0, sizeof(*record));
	begin(&record->head, kind, 0);
	if (process)
		record->head.process = *process;
	record->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	record->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	/* Not skc_num: a socket that closes has given it back already. */
	record->local_port = __builtin_bswap16(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
	record->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	record->old_state = old_state;
	record->state = state;
	if (record->family == AF_INET6) {
		BPF_CORE_READ_INTO(&record->local_address, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&record->remote_address, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	} else {
		BPF_CORE_READ_INTO((__be32 *)record->local_address, (const struct inet_sock *)sk, inet_saddr);
		BPF_CORE_READ_INTO((__be32 *)record->remote_address, sk, __sk_common.skc_daddr);
	}
	bpf_ringbuf_submit(record, 0);
}

static __always_inline int is_tcp(const struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline void remember(u64 key, u64 connecting)
{
	struct owner owner = { .connecting = connecting };
	describe(&owner.process, (void *)bpf_get_current_task());
	bpf_map_update_elem(&owners, &key, &owner, BPF_ANY);
}

SEC("raw_tracepoint/inet_sock_set_state")
int tcp_state(struct raw_arguments *arguments)
{
	const struct sock *sk = (void *)arguments->values[0];
	int old_state = arguments->values[1];
	int state = arguments->values[2];
	u64 key = (u64)sk;
	if (old_state == state || !is_tcp(sk))
		return 0;
	if (old_state == TCP_LISTEN && state == TCP_SYN_RECV) {
		/* A copy of a listening socket, before it gets its own addresses: nobody's until it is accepted, whoever had this memory before. */
		bpf_map_delete_elem(&owners, &key);
		return 0;
	}
	if (old_state == TCP_CLOSE && (state == TCP_SYN_SENT || state == TCP_LISTEN))
		remember(key, state == TCP_SYN_SENT);
	struct owner *owner = bpf_map_lookup_elem(&owners, &key);
	enum kind kind = state == TCP_CLOSE ? CLOSE : STATE;
	if (owner && owner->connecting && (state == TCP_ESTABLISHED || state == TCP_CLOSE)) {
		owner->connecting = 0;
		tell_socket(CONNECT, sk, old_state, state, &owner->process);
	} else if (kind == CLOSE) {
		tell_socket(CLOSE, sk, old_state, state, owner ? &owner->process : 0);
	} else {
		tell_socket(STATE, sk, old_state, state, owner ? &owner->process : 0);
	}
	if (state == TCP_CLOSE)
		bpf_map_delete_elem(&owners, &key);
	return 0;
}

/* The socket behind a file descriptor of the process that runs, or null. */
static __always_inline const struct sock *socket_of(long fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	if (fd < 0 || fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	struct socket *socket = BPF_CORE_READ(file, private_data);
	/* Another thread may have put something else there meanwhile: a socket knows its file. */
	if (!file || !socket || BPF_CORE_READ(socket, file) != file)
		return 0;
	return BPF_CORE_READ(socket, sk);
}

static __always_inline int accepted(struct system_call_end *end)
{
	const struct sock *sk = socket_of(end->result);
	if (!sk || !is_tcp(sk))
		return 0;
	u64 key = (u64)sk;
	u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	struct owner owner = {};
	describe(&owner.process, (void *)bpf_get_current_task());
	if (state != TCP_CLOSE) /* else nothing will be told of it any more */
		bpf_map_update_elem(&owners, &key, &owner, BPF_ANY);
	tell_socket(ACCEPT, sk, 0, state, &owner.process);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_accept")
int tcp_accept(struct system_call_end *end)
{
	return accepted(end);
}

SEC("tracepoint/syscalls/sys_exit_accept4")
int tcp_accept4(struct system_call_end *end)
{
	return accepted(end);
}
