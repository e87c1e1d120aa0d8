Feature: An account's word is its own, whatever it is called

  Background:
    Given payments-api crash-loops in production after a release
    And alice has the account github:1 on the forge
    And bob has the account github:2 on the forge

  Scenario: Who proposed it can't approve it under the forge's name
    Given alice already proposed to roll back payments-api
    When the account github:1 approves it
    Then the word of github:1 doesn't count: "who proposed it can't approve it"
    And nothing was merged
    And no budget was committed

  Scenario: Nobody counts while policy doesn't say which account its proposer has
    Given grace already proposed to roll back payments-api
    When the account github:2 approves it
    Then the word of github:2 doesn't count: "policy doesn't say which account its proposer has"
    And nothing was merged
    And no budget was committed

  Scenario: Whoever takes the name of somebody who may isn't them
    Given the agent already proposed to roll back payments-api
    When the account github:99, now called alice, approves it
    Then the word of github:99 doesn't count: "policy doesn't know who gave it"
    And nothing was merged
    And no budget was committed

  Scenario: Who is called otherwise now is still who they were
    Given the agent already proposed to roll back payments-api
    And the account github:1 approved it
    When the account github:2, now called roberta, approves it
    Then it merged

  Scenario: A team of the forge stands for what policy says
    Given the agent already proposed to roll back payments-api
    And members of github:acme/payments on the forge stand for team-payments
    When the account github:7, a member of github:acme/payments, approves it
    Then the word of github:7 counts
    When the account github:8, a member of github:acme/paymentz, approves it
    Then the word of github:8 doesn't count: "policy doesn't know who gave it"
    And nothing was merged
    And no budget was committed
