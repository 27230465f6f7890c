/** Changes of Kubernetes objects: the node's own pods, or what belongs to no node. */
@NullMarked
package io.hindsight.agent.kubernetes;

import org.jspecify.annotations.NullMarked;
