@NullMarked
package io.hindsight.config;

import org.jspecify.annotations.NullMarked;
