/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The kernel's structures, with the few fields that the programs read. libbpf puts in the offsets of the kernel that runs (CO-RE), so neither
 * order nor completeness matters here, only names.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

/* linux/bpf.h, as far as it is needed: the header itself wants headers of one processor. */
enum bpf_map_type { BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_RINGBUF = 27 };
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	unsigned int val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	unsigned int flags;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
};

struct file {
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct task_struct {
	int pid;
	int tgid;
	int exit_code;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	const struct cred *real_cred;
	struct signal_struct *signal;
	struct mm_struct *mm;
	struct files_struct *files;
	struct css_set *cgroups;
	u64 start_boottime;
	char comm[16];
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr;
	__be16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
};

struct inet_sock {
	struct sock sk;
	__be32 inet_saddr;
	__be16 inet_sport;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

#pragma clang attribute pop

/* include/linux/sched/signal.h */
enum { SIGNAL_GROUP_EXIT = 4 };
/* include/linux/threads.h: no process number is greater. */
enum { PID_MAX_LIMIT = 4 * 1024 * 1024 };
enum { AF_INET = 2, AF_INET6 = 10, IPPROTO_TCP = 6, SIGKILL = 9 };
/* include/net/tcp_states.h */
enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_SYN_RECV = 3, TCP_CLOSE = 7, TCP_LISTEN = 10 };

/* What a raw tracepoint hands over: the arguments of its TP_PROTO. */
struct raw_arguments {
	u64 values[3];
};

/* events/syscalls/sys_exit_accept/format; the same for every system call's end. */
struct system_call_end {
	u64 common;
	int number;
	int padding;
	long result;
};
