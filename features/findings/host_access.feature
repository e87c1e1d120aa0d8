Feature: A change that newly lets a container reach its node is refused

  Background:
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout
    And grace already proposed to roll back storefront

  @rule:change/host_access
  Scenario Outline: Each way to the node counts
    When policy is asked about it with <what>
    Then the answer is no: "the change gives the target <way>"
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | what                        | way                                |
      | a privileged container      | the privileged container storefront |
      | the network of the node     | the node's network                 |
      | a folder of the node        | the node's path /var/run           |

  @rule:change/host_access
  Scenario: An object that can't be read whole may hold any of them
    When policy is asked about it with an object that can't be read whole
    Then the answer is no: "what it may reach isn't known"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What it had before isn't held against the change
    When policy is asked about it with a privileged container that was there before
    Then nothing is said of the node
    And nothing was merged
