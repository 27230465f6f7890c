/** What a node records: the cluster's capture policy and this node's pods, made into the filter that the packet source has in the kernel. */
@NullMarked
package io.hindsight.agent.filter;

import org.jspecify.annotations.NullMarked;
